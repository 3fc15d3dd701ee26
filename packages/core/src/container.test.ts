import "reflect-metadata";
import {
  container,
  delay,
  inject,
  injectable,
  injectAll,
  injectAllWithTransform,
  injectWithTransform,
  Lifecycle,
  scoped,
  singleton,
} from "tsyringe";
import { afterEach, describe, expect, it, vi } from "vitest";
import { compile, Controller, Get, Injectable, type Class } from "./index.js";

import { compileOne, run } from "../test/run.js";

/** A controller class, for whatever its constructor takes. */
function controller<T extends Class>(target: T): T {
  Get()(
    target.prototype as object,
    "read",
    Object.getOwnPropertyDescriptor(target.prototype, "read")!,
  );
  Controller()(target);
  return target;
}

afterEach(() => container.clearInstances());

describe("tsyringe's own decorators", () => {
  it("@singleton() and @injectable() classes are injected as tsyringe means it", async () => {
    @singleton()
    class One {}
    @injectable()
    class Many {
      constructor(readonly one: One) {}
    }
    @Controller()
    class Rooms {
      constructor(
        readonly one: One,
        readonly first: Many,
        readonly second: Many,
      ) {}
      @Get() read() {
        return this;
      }
    }
    const rooms = (await run(Rooms)) as Rooms;
    expect(rooms.one).toBe(container.resolve(One));
    expect(rooms.first).toBeInstanceOf(Many);
    expect(rooms.first).not.toBe(rooms.second);
    expect(rooms.first.one).toBe(rooms.one);
  });

  it("a class of which it can't be told that @injectable() stands on it is refused", () => {
    @injectable()
    class WithoutConstructor {}
    class OnlyParameters {
      constructor(@inject("url") readonly url: string) {}
    }
    class Rooms {
      constructor(readonly needed: object) {}
      read() {}
    }
    controller(Rooms);
    for (const needed of [WithoutConstructor, OnlyParameters]) {
      Reflect.defineMetadata("design:paramtypes", [needed], Rooms);
      const providers = [{ provide: "url", useValue: "redis://" }];
      expect(() => compileOne(Rooms, { providers })).toThrow(
        expect.objectContaining({ code: "ERR_NOT_INJECTABLE" }),
      );
    }
  });

  it("@injectWithTransform and @injectAllWithTransform give what their transformers make", async () => {
    class Join {
      transform(found: string | string[], mark: string) {
        return [found].flat().join(mark);
      }
    }
    const parent = container.createChildContainer();
    parent.register("part", { useValue: "a" }).register("part", { useValue: "b" });
    @Controller()
    class Rooms {
      constructor(
        @injectWithTransform("part", Join, "+") readonly one: string,
        @injectAllWithTransform("part", Join, "+") readonly all: string,
      ) {}
      @Get() read() {
        return this;
      }
    }
    expect(await run(compileOne(Rooms, { container: parent }))).toEqual({ one: "b", all: "a+b" });
  });

  it("@inject, @injectAll and isOptional work in the constructors of Sluice's classes", async () => {
    const parent = container.createChildContainer();
    parent.register("url", { useValue: "redis://" });
    parent.register("plugin", { useValue: 1 }).register("plugin", { useValue: 2 });
    @Injectable()
    class Service {
      constructor(
        @inject("url") readonly url: string,
        @injectAll("plugin") readonly plugins: number[],
        @inject("missing", { isOptional: true }) readonly missing: string | undefined,
        @injectAll("none", { isOptional: true }) readonly none: number[],
      ) {}
    }
    @Controller()
    class Rooms {
      constructor(readonly service: Service) {}
      @Get() read() {
        return this.service;
      }
    }
    const app = compileOne(Rooms, { container: parent });
    expect(await run(app)).toEqual({
      url: "redis://",
      plugins: [1, 2],
      missing: undefined,
      none: [],
    });
  });

  it("an @injectable() class is made of the same objects as everything else", async () => {
    @Injectable()
    class Shared {}
    @injectable()
    class Legacy {
      constructor(readonly shared: Shared) {}
    }
    @Controller()
    class Rooms {
      constructor(
        readonly legacy: Legacy,
        readonly shared: Shared,
      ) {}
      @Get() read() {
        return this;
      }
    }
    const rooms = (await run(Rooms)) as Rooms;
    expect(rooms.legacy.shared).toBe(rooms.shared);
  });

  it("an @injectable() class of a request is made of the request's objects", async () => {
    @Injectable({ scope: "request" })
    class Session {}
    @injectable()
    class Legacy {
      constructor(readonly session: Session) {}
    }
    @Controller()
    class Rooms {
      constructor(
        readonly legacy: Legacy,
        readonly session: Session,
      ) {}
      @Get() read() {
        return this;
      }
    }
    const app = compileOne(Rooms);
    const [first, second] = [(await run(app)) as Rooms, (await run(app)) as Rooms];
    expect(first.legacy.session).toBe(first.session);
    expect(second.legacy.session).not.toBe(first.session);
  });

  it("delay() breaks a cycle", async () => {
    @Injectable()
    class A {
      constructor(@inject(delay(() => B)) readonly b: { name: string; a: A }) {}
      name = "a";
    }
    @Injectable()
    class B {
      constructor(readonly a: A) {}
      name = "b";
    }
    @Controller()
    class Rooms {
      constructor(
        readonly a: A,
        readonly b: B,
      ) {}
      @Get() read() {
        return this;
      }
    }
    const { a, b } = (await run(Rooms)) as Rooms;
    expect(a.b.name).toBe("b");
    expect(a.b.a).toBe(a);
    expect(b.a).toBe(a);
  });
});

describe("the parent container", () => {
  it("is not changed, and two applications in one process share nothing", async () => {
    const register = vi.spyOn(container, "register");
    @Injectable()
    class Service {}
    @Controller()
    class Rooms {
      constructor(readonly service: Service) {}
      @Get() read() {
        return this;
      }
    }
    const [first, second] = [compileOne(Rooms), compileOne(Rooms)];
    expect(first.resolve(Service)).not.toBe(second.resolve(Service));
    expect(await run(first)).not.toBe(await run(second));
    expect(container.isRegistered(Service)).toBe(false);
    expect(register).not.toHaveBeenCalled();
    register.mockRestore();
    await first.dispose();
    await expect(run(second)).resolves.toBeInstanceOf(Rooms);
  });

  it("wins over what a constructor's type says, and over a class alone in providers", async () => {
    @Injectable()
    class Clock {
      name = "real";
    }
    const parent = container.createChildContainer();
    parent.register(Clock, { useValue: { name: "fake" } });
    class Rooms {
      constructor(readonly clock: Clock) {}
      read() {
        return this.clock.name;
      }
    }
    Reflect.defineMetadata("design:paramtypes", [Clock], controller(Rooms));
    expect(await run(compileOne(Rooms, { container: parent }))).toBe("fake");
    expect(await run(compileOne(Rooms, { container: parent, providers: [Clock] }))).toBe("fake");
    expect(await run(compileOne(Rooms))).toBe("real");
  });

  it("gives way to { provide, ... } of the application", async () => {
    @singleton()
    class Database {
      name = "real";
    }
    class Rooms {
      constructor(readonly database: Database) {}
      read() {
        return this.database.name;
      }
    }
    Reflect.defineMetadata("design:paramtypes", [Database], controller(Rooms));
    const providers = [{ provide: Database, useValue: { name: "fake" } }];
    expect(await run(compileOne(Rooms, { providers }))).toBe("fake");
  });

  it("keeps what it holds: the applications share it, and none disposes of it", async () => {
    const dispose = vi.fn();
    @singleton()
    class Pool {
      dispose = dispose;
    }
    @Controller()
    class Rooms {
      constructor(readonly pool: Pool) {}
      @Get() read() {
        return this.pool;
      }
    }
    const [first, second] = [compileOne(Rooms), compileOne(Rooms)];
    expect(await run(first)).toBe(await run(second));
    await first.dispose();
    await second.dispose();
    expect(dispose).not.toHaveBeenCalled();
  });

  it("makes what it holds of what it holds, and never of an application's objects", async () => {
    @Injectable()
    class PerApplication {}
    @singleton()
    class Keeper {
      constructor(readonly kept: PerApplication) {}
    }
    @scoped(Lifecycle.ContainerScoped)
    class PerContainer {
      constructor(readonly keeper: Keeper) {}
    }
    @Injectable()
    class Store {
      constructor(readonly keeper: Keeper) {}
    }
    const parent = container.createChildContainer().register("store", { useClass: Store });
    @Controller()
    class Rooms {
      constructor(
        readonly mine: PerApplication,
        readonly keeper: Keeper,
        readonly perContainer: PerContainer,
        @inject("store") readonly store: Store,
        @inject(delay(() => Keeper)) readonly delayed: object,
      ) {}
      @Get() read() {
        return this;
      }
    }
    for (const app of [1, 2].map(() => compileOne(Rooms, { container: parent }))) {
      const { mine, keeper, perContainer, store, delayed } = (await run(app)) as Rooms;
      expect(keeper.kept).not.toBe(mine);
      expect(keeper).toBe(container.resolve(Keeper));
      expect(app.resolve(Keeper)).toBe(keeper);
      expect(perContainer).toBe(parent.resolve(PerContainer));
      expect(store.keeper).toBe(keeper);
      expect(delayed).toEqual(keeper);
    }
  });

  it("makes no object of a class for which it was given one", () => {
    const made = vi.fn();
    @Injectable()
    class Connection {
      constructor() {
        made();
      }
    }
    class Client {
      constructor(readonly connection: Connection) {}
    }
    Reflect.defineMetadata("design:paramtypes", [Connection], Client);
    const parent = container.createChildContainer().register(Client, { useValue: {} as Client });
    @Controller()
    class Rooms {
      constructor(readonly client: Client) {}
      @Get() read() {}
    }
    compileOne(Rooms, { container: parent });
    expect(made).not.toHaveBeenCalled();
  });

  it("may hold an object that was made by hand of what can't be injected", async () => {
    @Injectable()
    class Config {
      constructor(readonly url: string) {}
    }
    class Client {
      constructor(readonly config: Config) {}
    }
    Reflect.defineMetadata("design:paramtypes", [Config], Client);
    const client = new Client(new Config("redis://"));
    const parent = container.createChildContainer().register(Client, { useValue: client });
    @Controller()
    class Rooms {
      constructor(readonly client: Client) {}
      @Get() read() {
        return this.client;
      }
    }
    expect(await run(compile({ controllers: [Rooms], container: parent }))).toBe(client);
  });
});
