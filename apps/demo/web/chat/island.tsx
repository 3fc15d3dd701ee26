import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Chat, type ChatProps } from "./chat.js";

/** Renders the chat into an element. */
export function renderChat(host: HTMLElement, props: ChatProps): void {
  createRoot(host).render(
    <StrictMode>
      <Chat {...props} />
    </StrictMode>,
  );
}
