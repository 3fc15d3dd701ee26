import type { Output } from "./output.js";

/** The guide's plain client. @returns what closes it */
export function connect(url: string, console: Output): () => void {
  const eventSource = new EventSource(url);

  // Listen to default messages
  eventSource.onmessage = (event: MessageEvent<string>) => {
    const data = JSON.parse(event.data);
    console.log("Message:", data);
  };

  // Listen to specific event types
  eventSource.addEventListener("notification", (event: MessageEvent<string>) => {
    const notification = JSON.parse(event.data);
    console.log("Notification:", notification);
  });

  // Handle connection open
  eventSource.onopen = () => {
    console.log("Connection opened");
  };

  // Handle errors
  eventSource.onerror = (error) => {
    console.error("EventSource error:", error);
    eventSource.close();
  };

  // Close connection
  return () => eventSource.close();
}
