import { expect, it } from "vitest";
import { fakeConnection } from "../../test/connection.js";
import { Connections } from "./connections.js";

it("Q3: `close` with a reason of its own is refused as `revoke` refuses it, and ends nothing", () => {
  const connections = new Connections();
  const ann = fakeConnection({ principal: "ann" });
  connections.add(ann);
  expect(() => connections.close(() => true, { reason: "kicked" as never })).toThrow(
    expect.objectContaining({
      code: "ERR_OPTION",
      message: expect.stringContaining('connections.close takes "revoked" or "expired"'),
    }),
  );
  expect(ann.ends).toEqual([]);
  expect(connections.close(() => true, { reason: "expired" })).toBe(1);
  expect(ann.ends).toEqual([{ reason: "expired", farewell: "" }]);
});
