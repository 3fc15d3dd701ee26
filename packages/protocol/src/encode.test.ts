import { createParser } from "eventsource-parser";
import { describe, expect, it } from "vitest";
import { encode, encodeComment, encodeEnd, encodeRetry, normalize } from "./encode.js";
import { SseEncodeError, type SseEncodeErrorCode } from "./errors.js";
import { event, type SseEvent } from "./event.js";
import { END_EVENT, RESERVED_PREFIX, RESET_EVENT } from "./reserved.js";

/** Encodes what the types would refuse, and hands back the error. */
function refused(value: unknown): SseEncodeError {
  try {
    encode(value as never);
  } catch (error) {
    if (error instanceof SseEncodeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function expectRefused(value: unknown, code: SseEncodeErrorCode, message: RegExp): void {
  const error = refused(value);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
}

/** What a client makes of a text: each message as [name, id, data]. */
function messages(text: string): (string | undefined)[][] {
  const seen: (string | undefined)[][] = [];
  createParser({
    onEvent: (message) => seen.push([message.event, message.id, message.data]),
    onError: (error) => {
      throw error;
    },
  }).feed(text);
  return seen;
}

describe("W1: data", () => {
  it("W1: sends a string as it is, quotes and all", () => {
    expect(encode({ data: 'say "hi"' })).toBe('data: say "hi"\n\n');
  });

  it.each([
    [0, "0"],
    [-0, "0"],
    [false, "false"],
    [true, "true"],
    [null, "null"],
    ["", ""],
    [1.5, "1.5"],
    [Number.NaN, "null"],
    [{ a: [1, undefined], b: undefined }, '{"a":[1,null]}'],
    [[], "[]"],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ])("W1: %j makes the data line %s", (data, line) => {
    expect(encode({ data })).toBe(`data: ${line}\n\n`);
  });

  it.each([
    [undefined, /undefined/],
    [() => 1, /a function/],
    [Symbol("s"), /a symbol/],
    [1n, /a bigint.*String/],
  ])("W1: data that is %s throws", (data, message) => {
    expectRefused({ data }, "ERR_SSE_DATA", message);
    expectRefused({ event: "x", data }, "ERR_SSE_DATA", message);
    expect(refused({ data }).field).toBe("data");
  });

  it("W1: a cycle and a nested bigint throw, with JSON's error as the cause", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const [data, why] of [
      [cycle, /circular/],
      [{ big: 1n }, /BigInt/],
    ] as const) {
      expectRefused({ data }, "ERR_SSE_DATA", /a cycle or a bigint/);
      expect(refused({ data }).cause).toBeInstanceOf(TypeError);
      expect(refused({ data }).cause).toHaveProperty("message", expect.stringMatching(why));
      // Loggers put the cause's message behind the error's own.
      expect(refused({ data }).message).not.toMatch(why);
    }
  });

  it("W1: a toJSON that throws becomes the cause", () => {
    const cause = new Error("no");
    const data = {
      toJSON() {
        throw cause;
      },
    };
    expect(refused({ data }).cause).toBe(cause);
  });

  it("W1: a toJSON that gives undefined throws", () => {
    expectRefused({ data: { toJSON: () => undefined } }, "ERR_SSE_DATA", /toJSON/);
  });
});

describe("W4: a field that is none of an event's", () => {
  it.each([
    [{ type: "tick", data: 1 }, /"type" beside its data.*its field "event"/],
    [{ data: null, event: "a", id: "1", retry: 1, comment: "c", name: "x" }, /"name".*put it into/],
    [{ data: "", Data: 1 }, /"Data"/],
    [Object.assign(Object.create(null) as object, { data: 1, ["a\nb"]: 1 }), /"a\\nb"/],
  ])("W4: beside data, %j throws and is named", (value, message) => {
    expectRefused(value, "ERR_SSE_DATA", message);
    expect(refused(value).field).toBeUndefined();
  });

  it("W4: it may be undefined, inherited, a symbol or not enumerable", () => {
    class Tick {
      declare kind: string;
      data = 1;
      type = undefined;
      get name() {
        return "tick";
      }
    }
    Object.assign(Tick.prototype, { kind: "enumerable" });
    const tick = Object.defineProperty(Object.assign(new Tick(), { [Symbol("s")]: 1 }), "hidden", {
      value: 1,
      enumerable: false,
    });
    expect(encode(tick as SseEvent)).toBe("data: 1\n\n");
  });
});

describe("W2: line breaks and surrogates", () => {
  it("W2: CR, LF and CRLF each start a new line of data and of a comment", () => {
    expect(encode({ data: "a\rb\nc\r\nd" })).toBe("data: a\ndata: b\ndata: c\ndata: d\n\n");
    expect(encodeComment("a\rb\nc\r\nd")).toBe(": a\n: b\n: c\n: d\n");
  });

  it("W2: no mixture of breaks begins another event", () => {
    expect(messages(encode({ data: "a\r\rdata: x\n\r\nevent: y" }))).toEqual([
      [undefined, undefined, "a\n\ndata: x\n\nevent: y"],
    ]);
  });

  it("W2: an empty line at the start and at the end survives", () => {
    expect(messages(encode({ data: "\na\n" }))).toEqual([[undefined, undefined, "\na\n"]]);
  });

  it("W2: U+2028, U+2029, U+0085, form feed and vertical tab are no line breaks", () => {
    const data = "a\u2028b\u2029c\u0085d\fe\vf";
    expect(encode({ data })).toBe(`data: ${data}\n\n`);
  });

  it("W2: a lone surrogate becomes U+FFFD in every field", () => {
    expect(encode({ comment: "\ud800", event: "e\udc00", id: "i\ud800", data: "\udc00d" })).toBe(
      ": \ufffd\nevent: e\ufffd\nid: i\ufffd\ndata: \ufffdd\n\n",
    );
    expect(encode({ data: "\u{1f600}" })).toBe("data: \u{1f600}\n\n");
  });

  it("W2: a lone surrogate inside of JSON is escaped, and comes back", () => {
    const text = encode({ data: ["\ud800"] });
    expect(text.isWellFormed()).toBe(true);
    expect(JSON.parse(messages(text)[0]?.[2] ?? "")).toEqual(["\ud800"]);
  });
});

describe("W3: what would have to be cleaned throws", () => {
  it.each(["a\nb", "a\rb", "a\r\nb", "\n", "b\r"])(
    "W3: a line break in `event` throws: %j",
    (name) => {
      expectRefused({ event: name, data: 1 }, "ERR_SSE_EVENT", /line break/);
    },
  );

  it.each([1, null, {}, true])("W3: an `event` that is no string throws: %j", (name) => {
    expectRefused({ event: name, data: 1 }, "ERR_SSE_EVENT", /must be a string/);
  });

  it.each(["\n", "\r", "\0", "\t", "\u001b", "\u007f", "\u0080", "\u0085", "\u009f"])(
    "W3: the control character %j in `id` throws wherever it stands",
    (control) => {
      for (const id of [control, `a${control}`, `${control}a`, `a${control}b`]) {
        expectRefused({ id, data: 1 }, "ERR_SSE_ID", /control character/);
      }
    },
  );

  it("W3: a space at either end of `id` throws, one inside does not", () => {
    expectRefused({ id: " a", data: 1 }, "ERR_SSE_ID", /space/);
    expectRefused({ id: "a ", data: 1 }, "ERR_SSE_ID", /space/);
    expect(encode({ id: "a b" })).toBe("id: a b\n\n");
  });

  it("W3: an id that is a number throws and says how to write it", () => {
    expectRefused({ id: 7, data: 1 }, "ERR_SSE_ID", /String\(id\)/);
    expectRefused({ id: null, data: 1 }, "ERR_SSE_ID", /not null/);
  });

  it("W3: an id ends the 1 KiB four bytes early, to leave room for the mark", () => {
    expect(encode({ id: "x".repeat(1020) })).toHaveLength(1020 + "id: \n\n".length);
    expectRefused({ id: "x".repeat(1021) }, "ERR_SSE_ID", /1020 bytes/);
    expect(encode({ id: "\u20ac".repeat(340) })).toContain("\u20ac");
    expectRefused({ id: "\u20ac".repeat(340) + "x" }, "ERR_SSE_ID", /1020 bytes/);
    expect(encode({ id: "\u{1f600}".repeat(255) })).toContain("\u{1f600}");
    expectRefused({ id: "\u{1f600}".repeat(255) + "x" }, "ERR_SSE_ID", /1020 bytes/);
    expect(encode({ id: "\u00e9".repeat(510) })).toContain("\u00e9");
    expectRefused({ id: "\u00e9".repeat(511) }, "ERR_SSE_ID", /1020 bytes/);
  });

  it("W3: an id that ends in the mark of the end throws", () => {
    expectRefused({ id: "42#end", data: 1 }, "ERR_SSE_ID", /mark/);
    expectRefused({ id: "#end", data: 1 }, "ERR_SSE_ID", /mark/);
    expect(encode({ id: "#end2" })).toBe("id: #end2\n\n");
  });

  it.each([-1, 1.5, 2 ** 31, Number.NaN, Infinity, "1", null, 5n, [5], "1\ndata: x"])(
    "W3: a `retry` of %s throws",
    (retry) => {
      expectRefused({ retry }, "ERR_SSE_RETRY", /0 to 2147483647/);
      expect(refused({ retry }).field).toBe("retry");
    },
  );

  it("W3: a `retry` from 0 to 2^31-1 is written", () => {
    expect(encode({ retry: 0 })).toBe("retry: 0\n");
    expect(encode({ retry: -0 })).toBe("retry: 0\n");
    expect(encodeRetry(2 ** 31 - 1)).toBe("retry: 2147483647\n");
    expect(() => encodeRetry(2 ** 31)).toThrow(SseEncodeError);
  });

  it.each([1, null, false, {}])("W3: a comment that is no string throws: %j", (comment) => {
    expectRefused({ comment, data: 1 }, "ERR_SSE_COMMENT", /must be a string/);
  });

  it("W3: a message shows little of a long value, and escapes what it shows", () => {
    const { message } = refused({ event: `\u001b[2J\u202e\n${"secret".repeat(100)}`, data: 1 });
    expect(message).toContain("\\u001b[2J\\u202e\\n");
    expect(message).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(message.length).toBeLessThan(250);
  });
});

describe("W4: which fields may stand alone", () => {
  it("W4: an event with only a comment is a comment frame", () => {
    expect(encode({ comment: "hi" })).toBe(": hi\n");
  });

  it("W4: `id` alone and `retry` alone are legal", () => {
    expect(encode({ id: "7" })).toBe("id: 7\n\n");
    expect(encode({ retry: 7 })).toBe("retry: 7\n");
  });

  it("W4: `event` without data throws", () => {
    expectRefused({ event: "ping" }, "ERR_SSE_DATA", /"ping" has no data/);
    expectRefused({ event: "ping", id: "1" }, "ERR_SSE_DATA", /"ping" has no data/);
  });

  it.each([
    {},
    { count: 1 },
    { event: undefined, id: undefined },
    new Date(),
    new Map([["data", 1]]),
    Object.create(null),
  ])("W4: an object without a field throws and shows { data: ... }: %s", (value) => {
    expectRefused(value, "ERR_SSE_EMPTY", /\{ data: \.\.\. \}/);
    expect(refused(value).field).toBeUndefined();
  });

  it("W4: bytes and promises get advice of their own", () => {
    expectRefused(Buffer.from("x"), "ERR_SSE_EMPTY", /decode it first.*\{ data: /);
    expectRefused(new Uint8Array(1), "ERR_SSE_EMPTY", /decode it first.*\{ data: /);
    expectRefused(new ArrayBuffer(1), "ERR_SSE_EMPTY", /decode it first.*\{ data: /);
    expectRefused(Promise.resolve(1), "ERR_SSE_EMPTY", /await it first/);
  });

  it("W4: a record that only happens to have an id or a comment throws", () => {
    expectRefused({ id: "7", name: "Ann" }, "ERR_SSE_DATA", /"name".*\{ data: \.\.\. \}/);
    expectRefused({ comment: "nice", author: 1 }, "ERR_SSE_DATA", /"author"/);
    expect(encode({ id: "7", name: undefined } as never)).toBe("id: 7\n\n");
  });

  it.each([
    ["hi", "hi"],
    ["", ""],
    [0, "0"],
    [false, "false"],
    [null, "null"],
    [[1, "a"], '[1,"a"]'],
  ])("W4: a yielded %j is its data", (value, line) => {
    expect(encode(value)).toBe(`data: ${line}\n\n`);
    expect(normalize(value)).toEqual({ data: value });
  });

  it.each([[undefined], [() => 1], [Symbol("s")], [1n]])("W4: a yielded %s throws", (value) => {
    expectRefused(value, "ERR_SSE_DATA", /can't be/);
    expect(() => normalize(value as never)).toThrow(SseEncodeError);
  });

  it("W4: normalize hands an event back as it is", () => {
    const value = { data: 1 };
    expect(normalize(value)).toBe(value);
  });

  it("W4: a field that is undefined counts as absent", () => {
    expect(
      encode({ data: 1, event: undefined, id: undefined, retry: undefined, comment: undefined }),
    ).toBe("data: 1\n\n");
  });

  it("W4: fields that are getters of a class are read", () => {
    class Tick {
      get data() {
        return 1;
      }
    }
    expect(encode(new Tick())).toBe("data: 1\n\n");
  });
});

describe("W5: reserved names", () => {
  it.each([END_EVENT, RESET_EVENT, RESERVED_PREFIX, "sluice.mine"])(
    "W5: the name %s throws",
    (name) => {
      expectRefused({ event: name, data: 1 }, "ERR_SSE_RESERVED_EVENT", /reserved/);
    },
  );

  it("W5: a name that only resembles a reserved one is legal", () => {
    expect(encode({ event: "sluice", data: 1 })).toBe("event: sluice\ndata: 1\n\n");
    expect(encode({ event: "my.sluice.end", data: 1 })).toContain("event: my.sluice.end\n");
  });
});

describe("W8: the form of a frame", () => {
  it("W8: all fields come in one block, in a fixed order, each line ended by LF", () => {
    expect(encode({ data: "d", retry: 1, id: "i", event: "e", comment: "c" })).toBe(
      ": c\nevent: e\nid: i\nretry: 1\ndata: d\n\n",
    );
  });

  it("W8: a blank follows every colon, so that a leading space survives", () => {
    expect(encode({ comment: "", event: "", id: "", data: "" })).toBe(
      ": \nevent: \nid: \ndata: \n\n",
    );
    expect(messages(encode({ event: " e", data: " d" }))).toEqual([[" e", undefined, " d"]]);
  });

  it("W8: a comment or a retry without event, id or data has no blank line after it", () => {
    expect(encode({ comment: "c", retry: 1 })).toBe(": c\nretry: 1\n");
    expect(encode({ comment: "c", id: "" })).toBe(": c\nid: \n\n");
    expect(messages(encode({ comment: "c" }) + encode({ retry: 1 }) + encode("x"))).toEqual([
      [undefined, undefined, "x"],
    ]);
  });

  it('W8: the ids "0" and "" and an empty name are written', () => {
    expect(messages(encode({ id: "0", data: 1 }) + encode({ id: "", data: 2 }))).toEqual([
      [undefined, "0", "1"],
      [undefined, "", "2"],
    ]);
  });

  it("W8: a line put before a frame joins it", () => {
    expect(messages("id: 5\n" + encode({ event: "a", data: 1 }))).toEqual([["a", "5", "1"]]);
  });
});

describe("C3: the completion frame", () => {
  it("C3: its id is the last id plus the mark, or the mark alone", () => {
    expect(encodeEnd("42", "done")).toBe(
      'event: sluice.end\nid: 42#end\ndata: {"outcome":"done"}\n\n',
    );
    expect(encodeEnd(undefined, "failed")).toBe(
      'event: sluice.end\nid: #end\ndata: {"outcome":"failed"}\n\n',
    );
    expect(encodeEnd("", "done")).toContain("id: #end\n");
  });

  it("C3: the longest legal id has room for the mark", () => {
    const [message] = messages(encodeEnd("x".repeat(1020), "done"));
    expect(message?.[1]).toBe(`${"x".repeat(1020)}#end`);
  });

  it.each(["x".repeat(1021), "a\nb", " a", "42#end"])(
    "C3: a last id that can't come back with the mark is left out: %j",
    (id) => {
      expect(messages(encodeEnd(id, "done"))).toEqual([[END_EVENT, "#end", '{"outcome":"done"}']]);
    },
  );
});

describe("attacks that have been seen elsewhere", () => {
  it("a line break in a name or an id never reaches the wire", () => {
    expectRefused({ event: "a\ndata: evil", data: 1 }, "ERR_SSE_EVENT", /line break/);
    expectRefused({ id: "1\ndata: evil", data: 1 }, "ERR_SSE_ID", /control/);
  });

  it("a line break in data or a comment is split into lines", () => {
    const text = encode({ comment: "c\n\ndata: evil", data: "d\n\ndata: evil" });
    expect(messages(text)).toEqual([[undefined, undefined, "d\n\ndata: evil"]]);
  });

  it("a lone CR counts as a line end everywhere", () => {
    expectRefused({ event: "a\rdata: evil", data: 1 }, "ERR_SSE_EVENT", /line break/);
    expectRefused({ id: "1\rdata: evil", data: 1 }, "ERR_SSE_ID", /control/);
    expect(messages(encode({ comment: "c\r\rdata: evil\r\r", data: "d\r\revent: x" }))).toEqual([
      [undefined, undefined, "d\n\nevent: x"],
    ]);
  });

  it("a `retry` that is a text with line breaks throws", () => {
    expectRefused({ retry: "1\n\ndata: evil", data: 1 }, "ERR_SSE_RETRY", /not a string/);
  });

  it("an id with a line break can't come in by way of the completion frame", () => {
    expect(messages(encodeEnd("1\n\ndata: evil\n\n", "done"))).toHaveLength(1);
  });

  it("NUL in an id throws, a lone surrogate is replaced", () => {
    expectRefused({ id: "a\0", data: 1 }, "ERR_SSE_ID", /control/);
    expect(messages(encode({ id: "\ud800", data: 1 }))).toEqual([[undefined, "\ufffd", "1"]]);
  });

  it("an object that changes its fields between reads is read once", () => {
    let reads = 0;
    const shifty = {
      data: 1,
      get id() {
        return reads++ === 0 ? "1" : "1\ndata: evil";
      },
    };
    expect(encode(shifty)).toBe("id: 1\ndata: 1\n\n");
    expect(reads).toBe(1);
  });
});

describe("event()", () => {
  it("makes an event of a name, its data and other fields", () => {
    expect(event("tick", { n: 1 })).toEqual({ event: "tick", data: { n: 1 } });
    expect(encode(event("tick", { n: 1 }, { id: "4", retry: 5, comment: "c" }))).toBe(
      ': c\nevent: tick\nid: 4\nretry: 5\ndata: {"n":1}\n\n',
    );
  });
});
