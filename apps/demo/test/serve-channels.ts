import "reflect-metadata";
import { MemoryBroker } from "@sluice/core";
import { sluice } from "@sluice/fastify";
import { type SseTestClient, type SseTestOptions, testSse } from "@sluice/testing";
import Fastify, { type FastifyInstance } from "fastify";
import { DashboardController } from "../server/examples/dashboard.controller.js";
import { InboxController } from "../server/examples/inbox.controller.js";
import { RoomsController } from "../server/examples/rooms.controller.js";
import { Traffic } from "../server/examples/traffic.js";

/** The examples of channels, in this process, and their clients. */
export class ChannelsApp {
  readonly #clients: SseTestClient[] = [];

  private constructor(
    readonly app: FastifyInstance,
    readonly traffic: Traffic,
  ) {}

  static async start(): Promise<ChannelsApp> {
    const app = Fastify();
    const traffic = new Traffic(new MemoryBroker());
    await app.register(sluice, {
      controllers: [RoomsController, InboxController, DashboardController],
      channels: { broker: traffic },
      providers: [{ provide: Traffic, useValue: traffic }],
    });
    await app.listen({ host: "127.0.0.1", port: 0 });
    return new ChannelsApp(app, traffic);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map(async (client) => client.disconnect()));
    await this.app.close();
  }

  /** Opens a stream, which {@link stop} closes. */
  async open(path: string, options: SseTestOptions = {}): Promise<SseTestClient> {
    const client = await testSse(this.app, path, options);
    this.#clients.push(client);
    return client;
  }

  async post(url: string, payload: object, headers: Record<string, string> = {}) {
    const answer = await this.app.inject({ method: "POST", url, payload, headers });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  }
}
