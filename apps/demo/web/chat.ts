import model from "../server/chat/ngram-model.ts?raw";
import controller from "../server/examples/chat.controller.ts?raw";
import answer from "./chat/answer.ts?raw";
import { renderChat } from "./chat/island.js";
import { Thread } from "./chat/thread.js";
import hook from "./chat/use-answer.ts?raw";
import { visitorId } from "./chat/visitor.js";
import { clientFile, exampleFile } from "./catalogue/files.js";
import { tapped } from "./stream/wire-tap.js";
import { el, find } from "./view/dom.js";
import { sourceStage } from "./view/source-stage.js";
import { themeToggle } from "./view/theme.js";
import { WireLog } from "./view/wire-log.js";

const wire = new WireLog("Ask to see the text.");
find("#wire", HTMLElement).append(wire.element);

const { head, box } = sourceStage([
  { name: "Controller", file: exampleFile("chat", controller) },
  { name: "Hook", file: clientFile("chat/use-answer.ts", hook) },
  { name: "Reducer", file: clientFile("chat/answer.ts", answer) },
  { name: "Model", file: { path: "apps/demo/server/chat/ngram-model.ts", text: model } },
]);
find("#source", HTMLElement).append(
  el("div.stage-head", {}, el("h2.stage-title", {}, "Source"), ...head),
  box,
);

themeToggle(find("#theme", HTMLButtonElement));
renderChat(find("#chat", HTMLElement), {
  thread: new Thread(),
  visitor: visitorId(),
  fetch: tapped(wire),
});
