// The script of the guide's HTML page. What it wrote as markup is written as text here.
const messagesDiv = document.querySelector("#messages")!;
const eventSource = new EventSource("/express/events");

eventSource.addEventListener("user-count", (event: MessageEvent<string>) => {
  const data = JSON.parse(event.data) as { count: number };
  const el = document.createElement("p");
  el.textContent = `Online users: ${data.count}`;
  messagesDiv.append(el);
});

eventSource.addEventListener("notification", (event: MessageEvent<string>) => {
  const data = JSON.parse(event.data) as { title: string; message: string };
  const el = document.createElement("div");
  el.style.padding = "10px";
  el.style.backgroundColor = "#ffd700";
  el.textContent = `${data.title}: ${data.message}`;
  messagesDiv.append(el);
});

eventSource.addEventListener("error", () => {
  const el = document.createElement("p");
  el.textContent = "Connection lost";
  messagesDiv.append(el);
});
