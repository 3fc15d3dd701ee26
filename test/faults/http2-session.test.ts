import { expect, it } from "vitest";
import { http2Session } from "./http2-session.js";

it("C1: of the streams of an HTTP/2 session only those end that are reset, and all with the session", async () => {
  const report = await http2Session(100, 1);
  const all = Array.from({ length: 100 }, (_, n) => n);
  expect(report).toMatchObject({
    afterReset: { ended: [0], flowing: 99 },
    afterGoaway: { ended: [], flowing: 99 },
    afterError: { ended: all, flowing: 0 },
    afterClose: { ended: all, flowing: 0, clean: 100, goaway: 0 },
    lost: 0,
    doubled: 0,
    leaked: [],
    rejections: [],
  });
}, 60_000);
