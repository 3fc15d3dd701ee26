import type { Call } from "./example.js";

/** What the guide's page and its server have in common: the call that notifies everyone. */
export const notifyCall: Call = {
  label: "Notify",
  path: "/express/notify",
  fields: [
    { name: "title", label: "Title", value: "Maintenance" },
    { name: "message", label: "Message", value: "The chamber is being emptied." },
  ],
  describe: () => "Sent.",
};
