// NestJS on its Fastify adapter, which is the faster one: @Sse() handlers that return observables, one
// RxJS Subject shared by all listeners of a stream, from() around generators. Objects are Nest's to
// stringify. It has no heartbeats and no history (/replay is left out). An observable can't be told to
// wait, so that the generator of /endless never lets the event loop turn and fills the heap: left out.
// A decorator is applied as the function that it is.
import "reflect-metadata";
import { Controller, Module, Param, Query, Sse, SseSignal } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { from, NEVER, Subject } from "rxjs";
import { control } from "../dist/kit/control.js";
import { fanName, opened } from "./shared.mjs";

/** @type {Map<string, Subject<object>>} */
const subjects = new Map();

/** @param {string} name */
function subject(name) {
  let found = subjects.get(name);
  if (found === undefined) subjects.set(name, (found = new Subject()));
  return found;
}

/** @param {import("../dist/kit/tick.js").Tick} data */
const shape = (data) => ({ type: "tick", data });

const kit = control({
  publish: (data, channel, channels) => subject(fanName(channel, channels)).next(shape(data)),
});

class BenchController {
  fan() {
    return subject("fan");
  }

  /** @param {string} channel */
  oneOfMany(channel) {
    return subject(`fan/${channel}`);
  }

  idle() {
    return NEVER;
  }

  /**
   * @param {string} events
   * @param {string} [gap]
   */
  one(events, gap) {
    return from(kit.generators.one(Number(events), Number(gap ?? 0), shape));
  }

  /** @param {AbortSignal} signal */
  open(signal) {
    const left = new Promise((resolve) => signal.addEventListener("abort", resolve));
    return from(opened(left, shape));
  }
}

const { prototype } = BenchController;

/**
 * @param {keyof BenchController} method
 * @param {MethodDecorator} decorate
 * @param {ParameterDecorator[]} parameters
 */
function decorate(method, decorate, ...parameters) {
  parameters.forEach((parameter, index) => parameter(prototype, method, index));
  decorate(prototype, method, Object.getOwnPropertyDescriptor(prototype, method) ?? {});
}

// The limit of waiting events, beyond which a client is dropped, is lifted where events are made faster
// than any client reads, as the documentation of @Sse() advises.
const bulk = { maxPendingDataLength: Infinity };
decorate("fan", Sse("fan"));
decorate("oneOfMany", Sse("fan/:channel"), Param("channel"));
decorate("idle", Sse("idle"));
decorate("one", Sse("one", bulk), Query("events"), Query("gap"));
decorate("open", Sse("open"), SseSignal());
Controller()(BenchController);

// oxlint-disable-next-line typescript/no-extraneous-class -- decorated by a function
class AppModule {}
Module({ controllers: [BenchController] })(AppModule);

const app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false });
await app.listen(0, "127.0.0.1");
await kit.ready(app.getHttpServer().address().port);
