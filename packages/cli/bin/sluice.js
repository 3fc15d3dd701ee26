#!/usr/bin/env node
// Here rather than in dist, so that npm finds it to link before anything is compiled.
import "../dist/main.js";
