// The parts of other people's packages that the examples use, in the shapes that these have: openai 6, @anthropic-ai/sdk
// 1, ai 6, @google/genai 2, ollama 0.6, @langchain/core 1 and bullmq 6. None of them is installed.

declare module "openai" {
  interface RequestOptions {
    signal?: AbortSignal;
    maxRetries?: number;
    timeout?: number;
  }

  interface Usage {
    input_tokens: number;
    output_tokens: number;
  }

  type ResponseEvent =
    | { type: "response.created"; response: { id: string } }
    | { type: "response.output_text.delta"; delta: string }
    | { type: "response.completed"; response: { usage?: Usage } };

  interface ChatChunk {
    choices: {
      delta: { content?: string | null };
      finish_reason: "stop" | "length" | "tool_calls" | null;
    }[];
  }

  export default class OpenAI {
    responses: {
      create(
        body: { model: string; input: string; stream: true },
        options?: RequestOptions,
      ): Promise<AsyncIterable<ResponseEvent>>;
    };
    chat: {
      completions: {
        create(
          body: { model: string; messages: { role: "user"; content: string }[]; stream: true },
          options?: RequestOptions,
        ): Promise<AsyncIterable<ChatChunk>>;
      };
    };
  }
}

declare module "@anthropic-ai/sdk" {
  type MessageEvent =
    | {
        type: "content_block_delta";
        delta:
          | { type: "text_delta"; text: string }
          | { type: "input_json_delta"; partial_json: string };
      }
    | { type: "message_start" | "content_block_start" | "content_block_stop" | "message_stop" };

  export default class Anthropic {
    messages: {
      stream(
        body: {
          model: string;
          max_tokens: number;
          messages: { role: "user" | "assistant"; content: string }[];
        },
        options?: { signal?: AbortSignal },
      ): AsyncIterable<MessageEvent>;
    };
  }
}

declare module "ai" {
  export interface LanguageModel {
    readonly modelId: string;
  }

  export interface Tool {
    description?: string;
  }

  type TextStreamPart =
    | { type: "text-delta"; id: string; text: string }
    | { type: "tool-call"; toolCallId: string; toolName: string; input: unknown }
    | { type: "tool-result"; toolCallId: string; toolName: string; output: unknown }
    | { type: "tool-error"; toolCallId: string; toolName: string; error: unknown }
    | {
        type: "finish";
        finishReason: string;
        totalUsage: { inputTokens: number | undefined; outputTokens: number | undefined };
      }
    | { type: "abort"; reason?: string }
    | { type: "error"; error: unknown };

  export function streamText(options: {
    model: LanguageModel;
    prompt: string;
    tools?: Record<string, Tool>;
    abortSignal?: AbortSignal;
    onError?: (event: { error: unknown }) => void;
  }): {
    readonly textStream: AsyncIterable<string> & ReadableStream<string>;
    readonly fullStream: AsyncIterable<TextStreamPart> & ReadableStream<TextStreamPart>;
  };
}

declare module "@google/genai" {
  export class GoogleGenAI {
    constructor(options: { apiKey?: string });
    models: {
      generateContentStream(params: {
        model: string;
        contents: string;
        config?: { abortSignal?: AbortSignal };
      }): Promise<
        AsyncGenerator<{ text: string | undefined; candidates?: { finishReason?: string }[] }>
      >;
    };
  }
}

declare module "ollama" {
  export class Ollama {
    constructor(config?: { host?: string; fetch?: typeof fetch });
    chat(request: {
      model: string;
      messages: { role: string; content: string }[];
      stream: true;
    }): Promise<AsyncIterable<{ message: { content: string }; done: boolean }>>;
  }
}

declare module "@langchain/core/language_models/chat_models" {
  export interface BaseChatModel {
    stream(
      input: string,
      options?: { signal?: AbortSignal },
    ): Promise<AsyncIterable<{ text: string }>>;
  }
}

declare module "bullmq" {
  interface ConnectionOptions {
    host: string;
    port: number;
  }

  export interface Job<Data> {
    readonly data: Data;
    readonly attemptsMade: number;
    readonly opts: { readonly attempts?: number };
  }

  export class Worker<Data> {
    constructor(
      name: string,
      processor: (job: Job<Data>, token?: string, signal?: AbortSignal) => Promise<unknown>,
      options: { connection: ConnectionOptions },
    );
    on(event: "failed", listener: (job: Job<Data> | undefined, error: Error) => void): this;
  }
}
