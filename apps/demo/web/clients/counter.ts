const sseDataElement = document.getElementById("sse-data")!;

// Connect to the SSE endpoint on the server
const source = new EventSource("/counter/events");

// Listen for messages from the server
source.onmessage = (event: MessageEvent<string>) => {
  sseDataElement.textContent = `Server says: ${event.data}`;
};

// Handle errors
source.onerror = (error) => {
  console.error("SSE connection error:", error);
  source.close();
};
