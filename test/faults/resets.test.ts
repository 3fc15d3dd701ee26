import { expect, it } from "vitest";
import { manyResets } from "./resets.js";

it("C1: connections that are reset at any moment leave nothing behind", async () => {
  const report = await manyResets(400, 20_26);
  expect(report).toMatchObject({ leaked: [], held: 0, rejections: [], lost: 0, doubled: 0 });
}, 60_000);
