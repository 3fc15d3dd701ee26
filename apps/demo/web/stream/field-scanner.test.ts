import { describe, expect, test } from "vitest";
import { FieldScanner } from "./field-scanner.js";

const scan = (...lines: string[]) => {
  const scanner = new FieldScanner(3000);
  for (const line of lines) scanner.line(line);
  return scanner;
};

describe("what a client remembers of a stream", () => {
  test("an id counts from the blank line that ends its block", () => {
    expect(scan("id: 7", "data: x").lastEventId).toBe("");
    expect(scan("id: 7", "data: x", "").lastEventId).toBe("7");
    expect(scan("id: 7", "").lastEventId).toBe("7");
  });

  test("the last id stays until another one comes, and an empty one clears it", () => {
    expect(scan("id: 7", "", "data: x", "").lastEventId).toBe("7");
    expect(scan("id: 7", "", "id", "").lastEventId).toBe("");
  });

  test("an id with a NUL is ignored", () => {
    expect(scan("id: 7", "", "id: 8\0", "").lastEventId).toBe("7");
  });

  test("one blank after the colon is dropped", () => {
    expect(scan("id:7", "").lastEventId).toBe("7");
    expect(scan("id:  7", "").lastEventId).toBe(" 7");
  });

  test("retry is taken at once, and only from digits", () => {
    expect(scan("retry: 500").retry).toBe(500);
    expect(scan("retry: 5s").retry).toBe(3000);
    expect(scan("retry: -1").retry).toBe(3000);
  });

  test("comments and other fields change nothing", () => {
    const scanner = scan(": id: 9", "data: id: 9", "ids: 9", "");
    expect(scanner.lastEventId).toBe("");
    expect(scanner.retry).toBe(3000);
  });

  test("a block that a cut connection left unfinished is forgotten", () => {
    const scanner = scan("id: 1", "", "id: 2");
    scanner.restart();
    scanner.line("");
    expect(scanner.lastEventId).toBe("1");
  });
});
