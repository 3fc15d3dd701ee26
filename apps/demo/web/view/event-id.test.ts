import { describe, expect, test } from "vitest";
import { cursorParts, idOfAnotherHistory, shortId } from "./event-id.js";

const MERGED = "m1~Oy5Z71:1.3tauGOwG.12~Kw7W-v:1.DAyPLhG1.7";

describe("an id on the page", () => {
  test.each([
    ["1.3tauGOwG.12", "…12"],
    [MERGED, "m1~…12~…7"],
    ["42", "42"],
    ["job-7#end", "job-7#end"],
    ["a-long-id-of-the-application-itself", "a-long-id-…n-itself"],
  ])("%s is shown as %s", (id, short) => {
    expect(shortId(id)).toBe(short);
  });

  test("the cursor of merged channels has a part for each; other ids have none", () => {
    expect(cursorParts(MERGED)).toEqual([
      { key: "Oy5Z71", id: "1.3tauGOwG.12" },
      { key: "Kw7W-v", id: "1.DAyPLhG1.7" },
    ]);
    expect(cursorParts("1.3tauGOwG.12")).toEqual([]);
  });

  test("an id of another history keeps its form", () => {
    expect(idOfAnotherHistory(MERGED)).toBe("m1~Oy5Z71:1.00000000.12~Kw7W-v:1.00000000.7");
    expect(idOfAnotherHistory("1RLYq.mwqs6oje-p4n")).toBe("00000.mwqs6oje-p4n");
    expect(idOfAnotherHistory("m1~Oy5Z71:1RLYq.a-0~Kw7W-v:-_Pq1.b-7")).toBe(
      "m1~Oy5Z71:00000.a-0~Kw7W-v:00000.b-7",
    );
    expect(idOfAnotherHistory("")).toBe("1.00000000.7");
  });
});
