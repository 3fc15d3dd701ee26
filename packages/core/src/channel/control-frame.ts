import {
  encodePosition,
  encodeReset,
  POSITION_EVENT,
  RESET_EVENT,
  type SseEvent,
} from "@sluice/protocol";
import { Frame } from "../frame.js";
import type { Gap } from "./feed.js";

/** A frame that Sluice sends on its own account: what maps events, or filters them, leaves it as it is. */
export class ControlFrame extends Frame {
  private constructor(text: string, event: SseEvent) {
    super(text, event);
  }

  /** Tells that events are missing. */
  static reset({ position, ...reset }: Gap): ControlFrame {
    const event = { event: RESET_EVENT, id: position, data: reset };
    return new ControlFrame(encodeReset(position, reset), event);
  }

  /** Tells where the client is. */
  static position(position: string): ControlFrame {
    const event = { event: POSITION_EVENT, id: position, data: {} };
    return new ControlFrame(encodePosition(position), event);
  }

  override get isControl(): boolean {
    return true;
  }
}
