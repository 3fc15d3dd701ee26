import { describe, expect, test } from "vitest";
import { curlCommand, type Example, fillPath, fillText, initialValues } from "./example.js";

const example: Example = {
  id: "x",
  title: "X",
  summary: "",
  source: { path: "x.ts", text: "" },
  path: "/rooms/{room}",
};

describe("filling in values", () => {
  test("a path gets them encoded, a text as they are", () => {
    expect(fillPath("/a/{x}?b={y}", { x: "a/b", y: "c&d" })).toBe("/a/a%2Fb?b=c%26d");
    expect(fillText("Bearer {x}", { x: "a/b" })).toBe("Bearer a/b");
  });

  test("a value that is not there is empty", () => {
    expect(fillPath("/a/{x}", {})).toBe("/a/");
  });

  test("fields give the values that they begin with", () => {
    expect(initialValues([{ name: "room", label: "Room", value: "tea" }])).toEqual({ room: "tea" });
    expect(initialValues()).toEqual({});
  });
});

describe("the curl command", () => {
  const origin = "http://localhost:3000";

  test("a plain path needs no quotes", () => {
    expect(curlCommand(example, { room: "tea" }, origin)).toBe(
      "curl -N http://localhost:3000/rooms/tea",
    );
  });

  test("headers and a body come with it", () => {
    const post: Example = {
      ...example,
      headers: { Authorization: "Bearer {token}" },
      body: ({ prompt }) => ({ prompt }),
    };
    expect(curlCommand(post, { room: "tea", token: "t", prompt: "Why?" }, origin)).toBe(
      `curl -N -H 'Authorization: Bearer t' -H 'Content-Type: application/json' -d '{"prompt":"Why?"}' http://localhost:3000/rooms/tea`,
    );
  });

  test("what a shell would read is quoted", () => {
    const query: Example = { ...example, path: "/rooms?name={room}" };
    expect(curlCommand(query, { room: "a'b" }, origin)).toBe(
      String.raw`curl -N 'http://localhost:3000/rooms?name=a'\''b'`,
    );
  });
});
