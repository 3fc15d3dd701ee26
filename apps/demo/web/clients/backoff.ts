import type { Output } from "./output.js";

/** The guide's client that reconnects by itself, each time later. @returns what closes it */
export function connectWithBackoff(url: string, console: Output): () => void {
  let retryCount = 0;
  const maxRetries = 5;
  const retryDelay = 1000;
  let close = () => {};

  function connectSSE() {
    const eventSource = new EventSource(url);
    close = () => eventSource.close();

    eventSource.onopen = () => {
      retryCount = 0;
      console.log("Connected to server");
    };

    eventSource.onerror = () => {
      eventSource.close();
      if (retryCount < maxRetries) {
        const delay = retryDelay * Math.pow(2, retryCount);
        console.log(`Reconnecting in ${delay}ms`);
        const timer = setTimeout(connectSSE, delay);
        close = () => clearTimeout(timer);
        retryCount++;
      }
    };
  }

  connectSSE();
  return () => close();
}
