import { expect, it } from "vitest";
import { joinPaths, pathKeys } from "./path.js";

it.each([
  ["", "", "/"],
  ["/", "/", "/"],
  ["events", "", "/events"],
  ["events", "updates", "/events/updates"],
  ["/events/", "/updates/", "/events/updates"],
  ["//events", "//updates//now", "/events/updates/now"],
  ["", "progress/:jobId", "/progress/:jobId"],
  ["files", "*", "/files/*"],
])("joins %j and %j to %j", (controller, method, path) => {
  expect(joinPaths(controller, method)).toBe(path);
});

it("does not count the names of parameters", () => {
  expect(pathKeys("/a/:x")).toEqual(pathKeys("/a/:y"));
  expect(pathKeys("/a/:x/b/:z")).toEqual(pathKeys("/a/:y/b/:x"));
  expect(pathKeys("/a/:from-:to.json")).toEqual(pathKeys("/a/:x-:y.json"));
  expect(pathKeys("/a/:x/b")).not.toEqual(pathKeys("/a/:x/c"));
  expect(pathKeys("/a/x")).not.toEqual(pathKeys("/a/:x"));
  expect(pathKeys("/a/:x(^\\d+$)")).not.toEqual(pathKeys("/a/:x(^\\w+$)"));
});

it("takes a doubled colon for a colon of the path", () => {
  expect(pathKeys("/a/::x")).not.toEqual(pathKeys("/a/::y"));
});

it("reads an optional last parameter as two paths", () => {
  expect(pathKeys("/a/:x?")).toEqual([...pathKeys("/a/:y"), ...pathKeys("/a")]);
  expect(pathKeys("/:x?")).toEqual(["/:", "/"]);
});
