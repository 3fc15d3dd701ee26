import { useEffect, useState } from "react";

function useSSE<T>(url: string) {
  const [data, setData] = useState<T | null>(null);
  const [error, setError] = useState<Error | null>(null);

  useEffect(() => {
    const eventSource = new EventSource(url);

    eventSource.onmessage = (event: MessageEvent<string>) => {
      setData(JSON.parse(event.data));
    };

    eventSource.onerror = (_err) => {
      setError(new Error("SSE connection error"));
      eventSource.close();
    };

    return () => {
      eventSource.close();
    };
  }, [url]);

  return { data, error };
}

// Usage
export function Dashboard() {
  const { data, error } = useSSE("/events/metrics");

  if (error) return <div>Error: {error.message}</div>;
  if (!data) return <div>Connecting...</div>;
  return <div>Metrics: {JSON.stringify(data)}</div>;
}
