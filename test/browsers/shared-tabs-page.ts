import { connect, type SseClient } from "@sluice/client";
import { sharedTabs } from "@sluice/client/shared";

/** What a page of the tests of shared tabs keeps. */
export interface SharedPage {
  /** The numbers that came, in order. */
  readonly heard: number[];
  /** How often something could not be resumed. */
  resets: number;
  readonly client: SseClient<{ n: number }>;
}

const heard: number[] = [];
const client = connect<{ n: number }>("/feed/a", {
  share: sharedTabs("tests"),
  onReset: () => void page.resets++,
});
const page: SharedPage = { heard, resets: 0, client };
client.on("n", (n) => heard.push(n));
Object.assign(globalThis, { page });
