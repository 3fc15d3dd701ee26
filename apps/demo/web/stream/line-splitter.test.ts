import { describe, expect, test } from "vitest";
import { LineSplitter } from "./line-splitter.js";

const lines = (...pieces: string[]) => {
  const splitter = new LineSplitter();
  return pieces.flatMap((piece) => splitter.push(piece));
};

describe("cutting text into lines", () => {
  test("LF, CR and CRLF end a line", () => {
    expect(lines("a\nb\rc\r\nd\n")).toEqual(["a", "b", "c", "d"]);
  });

  test("blank lines are kept", () => {
    expect(lines("data: 1\n\ndata: 2\n\n")).toEqual(["data: 1", "", "data: 2", ""]);
  });

  test("a line may arrive in pieces", () => {
    expect(lines("da", "ta: ", "1\nid")).toEqual(["data: 1"]);
  });

  test("a CRLF that arrives in two pieces is one end", () => {
    expect(lines("a\r", "\nb\n")).toEqual(["a", "b"]);
    expect(lines("a\r", "b\n")).toEqual(["a", "b"]);
  });

  test("an empty piece between them changes nothing", () => {
    expect(lines("a\r", "", "\nb\n")).toEqual(["a", "b"]);
  });

  test("the same text gives the same lines wherever it is cut", () => {
    const text = "id: 1\r\ndata: x\r\rdata: y\n\n: c\r\n";
    const whole = lines(text);
    for (let cut = 0; cut <= text.length; cut++) {
      expect(lines(text.slice(0, cut), text.slice(cut))).toEqual(whole);
    }
  });
});
