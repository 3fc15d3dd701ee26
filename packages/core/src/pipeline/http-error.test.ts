import { expect, it } from "vitest";
import { HttpError, SluiceError, ValidationError } from "../index.js";

it("takes its message from the status where none is given", () => {
  expect(new HttpError(404).message).toBe("Not Found");
  expect(new HttpError(499).message).toBe("Error 499");
  expect(new HttpError(404, "No such room").message).toBe("No such room");
  expect(new HttpError(404, "").message).toBe("");
});

it("gives its status under both names that error handlers read", () => {
  expect(new HttpError(401)).toMatchObject({ name: "HttpError", statusCode: 401, status: 401 });
});

it("carries a cause, a code and headers, and none of them where none was given", () => {
  const cause = new Error("why");
  const headers = { "www-authenticate": "Bearer" };
  const error = new HttpError(401, "Who?", { cause, code: "ERR_TOKEN", headers });
  expect(error).toMatchObject({ cause, code: "ERR_TOKEN", headers });
  expect(Object.keys(new HttpError(401)).toSorted()).toEqual(["name", "statusCode"]);
});

it.each([200, 399, 600, 404.5, Number.NaN, "404"])(
  "refuses %j as the status of an error",
  (status) => {
    expect(() => new HttpError(status as number)).toThrow(
      expect.objectContaining({ name: "SluiceError", code: "ERR_OPTION" }),
    );
    expect(() => new HttpError(status as number)).toThrow(SluiceError);
  },
);

it("tells at most five issues, none longer than 200 characters, and keeps a hundred", () => {
  const issues = Array.from({ length: 2000 }, (_, index) => ({
    path: `body.${index}`,
    message: "x".repeat(1000),
  }));
  const error = new ValidationError(issues);
  expect(error).toMatchObject({ statusCode: 400, code: "ERR_VALIDATION" });
  expect(error.message).toMatch(/^body\.0: x+\.\.\.; .*; and 1995 more$/);
  expect(error.message.length).toBeLessThan(1100);
  expect(error.issues).toHaveLength(100);
});
