import { useEffect, useState } from "react";

interface Message {
  message?: string;
}

export function LiveEvents() {
  const [messages, setMessages] = useState<Message[]>([]);

  useEffect(() => {
    const source = new EventSource("/api/events");

    source.addEventListener("update", (e: MessageEvent<string>) => {
      const data = JSON.parse(e.data) as Message;
      setMessages((prev) => [...prev, data]);
    });

    source.onerror = (err) => console.error("SSE error:", err);
    return () => source.close();
  }, []);

  return (
    <div className="max-w-md mx-auto p-4">
      <h2 className="text-lg font-semibold text-foreground mb-3">Live Server Events</h2>
      <ul className="space-y-2">
        {messages.map((msg, i) => (
          <li
            key={i}
            className="border border-border/30 rounded-lg p-2 bg-secondary/30 text-sm text-foreground/90"
          >
            {msg.message ?? JSON.stringify(msg)}
          </li>
        ))}
      </ul>
    </div>
  );
}
