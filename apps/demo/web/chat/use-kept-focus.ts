import { type FocusEvent, type RefObject, useLayoutEffect, useRef } from "react";

interface KeptFocus<E extends HTMLElement> {
  readonly ref: RefObject<E | null>;
  readonly onFocus: (event: FocusEvent) => void;
  readonly onBlur: (event: FocusEvent) => void;
}

/**
 * Keeps the keyboard's place in an element: when a control in it is taken away that has the focus, the element itself
 * gets it, so that the next Tab leads to what stands there now. The element needs a `tabIndex` of -1.
 *
 * @param isWanted - whether it gets the focus at once, when it is first shown
 * @returns what is put on the element
 */
export function useKeptFocus<E extends HTMLElement>(isWanted: boolean): KeptFocus<E> {
  const ref = useRef<E>(null);
  const focused = useRef<Element | null>(null);

  useLayoutEffect(() => {
    if (isWanted) ref.current?.focus({ preventScroll: true });
  }, [isWanted]);

  // After each render: any of them may have taken it away.
  useLayoutEffect(() => {
    if (focused.current === null || focused.current.isConnected) return;
    focused.current = null;
    if (document.activeElement === document.body) ref.current?.focus({ preventScroll: true });
  });

  return {
    ref,
    onFocus: ({ target }) => {
      focused.current = target;
    },
    onBlur: ({ target }) => {
      // It keeps the focus while it is only the window that loses it.
      if (document.activeElement !== target) focused.current = null;
    },
  };
}
