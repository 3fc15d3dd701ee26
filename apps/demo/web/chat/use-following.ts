import { type RefObject, useEffect, useRef } from "react";

/** How far below the window the end may be and still count as in sight, in pixels. */
const NEAR = 60;

/**
 * Keeps the end of a growing thread in sight, unless the reader has scrolled away from it.
 *
 * @param count - brings the end back into sight when it grows
 * @returns to be put on an element at the end
 */
export function useFollowing(count: number): RefObject<HTMLDivElement | null> {
  const end = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);

  useEffect(() => {
    isFollowing.current = true;
    if (count > 0) end.current?.scrollIntoView({ block: "nearest", behavior: "instant" });
  }, [count]);

  useEffect(() => {
    const element = end.current;
    const thread = element?.parentElement;
    if (element == null || thread == null) return undefined;
    const look = () => {
      isFollowing.current = element.getBoundingClientRect().top < innerHeight + NEAR;
    };
    const growth = new ResizeObserver(() => {
      if (isFollowing.current) element.scrollIntoView({ block: "nearest", behavior: "instant" });
    });
    growth.observe(thread);
    addEventListener("scroll", look, { passive: true });
    return () => {
      growth.disconnect();
      removeEventListener("scroll", look);
    };
  }, []);

  return end;
}
