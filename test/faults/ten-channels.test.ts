import { expect, it } from "vitest";
import { tenChannels } from "./ten-channels.js";

it("H1: each client of ten channels gets each event of its own once, in order, with its id", async () => {
  const report = await tenChannels(40, 20);
  expect(report).toMatchObject({ lost: 0, doubled: 0, strange: 0, leaked: [], rejections: [] });
}, 60_000);
