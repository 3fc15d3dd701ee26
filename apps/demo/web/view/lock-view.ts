import type { AnyEvent, Followed, FollowOptions } from "../channels/follow.js";
import type { LockIsland } from "../react/island.js";
import type { LockProps } from "../react/lock-props.js";
import type { ClientView } from "./client-view.js";
import { el } from "./dom.js";

/** The view that React renders. React is loaded when it starts. */
export class LockView implements ClientView {
  readonly isStage = true;
  readonly #host = el("div.lock-host", {}, el("p.log-empty", {}, "Not rendered yet."));
  readonly element = this.#host;
  #island: Promise<LockIsland> | undefined;

  follow(url: string, { onStateChange, isShared, ...options }: FollowOptions): Followed {
    const listeners = new Set<(event: AnyEvent) => void>();
    let isWanted = true;
    const props: LockProps = {
      url,
      isShared,
      options: {
        ...options,
        enabled: true,
        onEvent: (event) => {
          for (const listener of listeners) listener(event);
        },
      },
      onChange: (stream) => {
        // What the hook does not follow is closed, as the card sees it.
        const state = isWanted && stream.state !== "idle" ? stream.state : "closed";
        onStateChange(state, { ...stream, state });
      },
    };
    const island = this.#load();
    void island.then((loaded) => isWanted && loaded.begin(props));
    return {
      close: () => {
        isWanted = false;
        // What was drawn last stays.
        const off = { ...props, options: { ...props.options, enabled: false } };
        void island.then((loaded) => loaded.show(off));
      },
      on: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
  }

  clear(): void {
    void this.#island?.then((island) => island.clear());
  }

  async #load(): Promise<LockIsland> {
    this.#island ??= import("../react/island.js").then(({ LockIsland }) => {
      this.#host.replaceChildren();
      return new LockIsland(this.#host);
    });
    return this.#island;
  }
}
