import { useEffect, useRef, useState } from "react";

/** How long the region holds a text, in milliseconds: long enough to be noticed, and gone when one reads on. */
const HELD = 3000;

/** Says a text to screen readers once, when it changes, and leaves nothing behind. @param text - undefined for no change */
export function Spoken({ text }: { readonly text: string | undefined }) {
  const [held, hold] = useState("");
  const last = useRef<string>(undefined);
  useEffect(() => {
    if (text === undefined || text === last.current) return;
    last.current = text;
    hold(text);
  }, [text]);
  useEffect(() => {
    if (held === "") return undefined;
    const timer = setTimeout(() => hold(""), HELD);
    return () => clearTimeout(timer);
  }, [held]);
  return (
    <span className="unseen" role="status">
      {held}
    </span>
  );
}
