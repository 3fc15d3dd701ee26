import { EventEmitter } from "node:events";
import { describe, expect, expectTypeOf, it, vi } from "vitest";
import {
  compile,
  Controller,
  Get,
  HttpError,
  Inject,
  Injectable,
  REQUEST_CONTEXT,
  Sse,
  UseGuards,
  UseInterceptors,
  type Class,
  type Context,
  type Guard,
  type Interceptor,
  type Next,
  type Provider,
  type Scope,
} from "../index.js";
import { fakeContext } from "../../test/fake-context.js";
import { compileOne, run, runRoute } from "../../test/run.js";

/** A controller whose one route gives what was injected. */
function wants(inject: Class, options: { scope?: Scope } = {}): Class {
  @Controller("", options)
  class Wanting {
    constructor(@Inject(inject) readonly injected: object) {}
    @Get() read() {
      return this;
    }
  }
  return Wanting;
}

const refusal = (code: string, message: RegExp) =>
  expect.objectContaining({ name: "SluiceError", code, message: expect.stringMatching(message) });

describe("@Injectable", () => {
  it("is a singleton: an emitter that two controllers name is one object", async () => {
    @Injectable()
    class Activity extends EventEmitter {}
    @Controller("a")
    class A {
      constructor(private readonly activity: Activity) {}
      @Get() read() {
        return this.activity;
      }
    }
    @Controller("b")
    class B {
      constructor(private readonly activity: Activity) {}
      @Get() read() {
        return this.activity;
      }
    }
    const app = compile({ controllers: [A, B] });
    const [a, b] = await Promise.all(app.routes.map((route) => runRoute(route, fakeContext())));
    expect(a).toBeInstanceOf(Activity);
    expect(a).toBe(b);
    expect(app.resolve(Activity)).toBe(a);
    expectTypeOf(app.resolve(Activity)).toEqualTypeOf<Activity>();
  });

  it("makes singletons at the start, and once", async () => {
    const made = vi.fn();
    @Injectable()
    class Service {
      constructor() {
        made();
      }
    }
    const app = compileOne(wants(Service));
    expect(made).toHaveBeenCalledOnce();
    await run(app);
    await run(app);
    expect(made).toHaveBeenCalledOnce();
  });

  it("makes a transient for each object that asks", () => {
    @Injectable({ scope: "transient" })
    class Clock {}
    @Injectable()
    class A {
      constructor(readonly clock: Clock) {}
    }
    @Injectable()
    class B {
      constructor(
        readonly clock: Clock,
        readonly other: Clock,
      ) {}
    }
    const app = compileOne(wants(A), { providers: [B] });
    const { clock, other } = app.resolve(B);
    expect(new Set([app.resolve(A).clock, clock, other]).size).toBe(3);
  });

  it("refuses an unknown option or scope, and anything but a class", () => {
    class Service {}
    expect(() => Injectable({ scope: "forever" as never })(Service)).toThrow(
      refusal("ERR_OPTION", /^Service: .*"singleton" \| "request" \| "transient".*"forever"/),
    );
    expect(() => Injectable({ lifetime: "x" } as never)(Service)).toThrow(/lifetime/);
    expect(() => (Injectable() as (a: object, b: string) => void)({}, "method")).toThrow(
      refusal("ERR_DECORATOR", /@Injectable belongs on a class/),
    );
  });

  it("gives a class without a constructor what its base's constructor takes", () => {
    @Injectable()
    class Dependency {}
    @Injectable()
    class Base {
      constructor(
        readonly dependency: Dependency,
        @Inject("name") readonly name: string,
      ) {}
    }
    @Injectable()
    class Derived extends Base {}
    const providers = [{ provide: "name", useValue: "n" }, Derived];
    const app = compileOne(wants(Dependency), { providers });
    expect(app.resolve(Derived).dependency).toBe(app.resolve(Dependency));
    expect(app.resolve(Derived).name).toBe("n");
  });

  it("leaves a parameter with a default value out where nothing is provided for it", () => {
    @Injectable()
    class Dependency {}
    @Injectable()
    class Service {
      constructor(
        readonly dependency: Dependency,
        readonly size = 5,
        readonly unknown: Date = new Date(0),
        @Inject("label") readonly label = "none",
      ) {}
    }
    const plain = compileOne(wants(Service)).resolve(Service);
    expect(plain).toMatchObject({ size: 5, unknown: new Date(0), label: "none" });
    expect(plain.dependency).toBeInstanceOf(Dependency);
    const providers = [{ provide: "label", useValue: "given" }];
    expect(compileOne(wants(Service), { providers }).resolve(Service).label).toBe("given");
  });
});

describe("request scope", () => {
  @Injectable({ scope: "request" })
  class Session {
    readonly user: string | undefined;
    constructor(@Inject(REQUEST_CONTEXT) ctx: Context) {
      this.user = ctx.params.user;
    }
  }
  @Injectable({ scope: "transient" })
  class Greeter {
    constructor(readonly session: Session) {}
  }

  @Controller()
  class Rooms {
    constructor(
      readonly session: Session,
      readonly greeter: Greeter,
    ) {}
    @Get() read() {
      return this;
    }
  }

  it("makes one object for each request, and its controller with it", async () => {
    const app = compileOne(Rooms);
    const ada = (await run(app, { params: { user: "ada" } })) as Rooms;
    const bob = (await run(app, { params: { user: "bob" } })) as Rooms;
    expect(ada).not.toBe(bob);
    expect([ada.session.user, bob.session.user]).toEqual(["ada", "bob"]);
    expect(ada.greeter.session).toBe(ada.session);
  });

  it("reaches through transient classes, and only the routes that need it", () => {
    @Controller("through")
    class Through {
      constructor(readonly greeter: Greeter) {}
      @Get() read() {}
    }
    @Injectable()
    class Service {}
    const [through, plain] = compile({ controllers: [Through, wants(Service)] }).routes;
    const ctx = fakeContext();
    expect(through!.invocation(ctx)).not.toBe(through!.invocation(ctx));
    expect(plain!.invocation(ctx)).toBe(plain!.invocation(ctx));
    expect(Object.isFrozen(plain!.invocation(ctx))).toBe(true);
  });

  it("can be asked for by a controller, which is then made for each request", async () => {
    @Injectable()
    class Service {}
    const app = compileOne(wants(Service, { scope: "request" }));
    const [first, second] = [(await run(app)) as { injected: object }, await run(app)];
    expect(first).not.toBe(second);
    expect(first.injected).toBe(app.resolve(Service));
  });

  it("gives a guard, an interceptor and the handler of one request the same object", async () => {
    const seen: unknown[] = [];
    @Injectable({ scope: "request" })
    class Watch implements Guard, Interceptor {
      constructor(readonly session: Session) {}
      canActivate() {
        return seen.push(this.session) > 0;
      }
      intercept(_: Context, next: Next) {
        seen.push(this.session);
        return next();
      }
    }
    @Controller()
    @UseGuards(Watch)
    @UseInterceptors(Watch)
    class Watched {
      constructor(readonly session: Session) {}
      @Sse() join() {
        seen.push(this.session);
        return [];
      }
    }
    const app = compileOne(Watched);
    await run(app);
    await run(app);
    expect(seen).toHaveLength(6);
    expect(new Set(seen.slice(0, 3)).size).toBe(1);
    expect(new Set(seen).size).toBe(2);
  });

  it("does not make the controller when a guard denies", async () => {
    const made = vi.fn();
    @Controller("", { scope: "request" })
    @UseGuards(() => false)
    class Closed {
      constructor() {
        made();
      }
      @Get() read() {}
    }
    await expect(run(Closed)).rejects.toThrow(HttpError);
    expect(made).not.toHaveBeenCalled();
  });

  it("hands on the error that a constructor throws as it is", async () => {
    const denied = new HttpError(401);
    @Injectable({ scope: "request" })
    class Strict {
      constructor() {
        throw denied;
      }
    }
    await expect(run(wants(Strict))).rejects.toBe(denied);
  });

  it("keeps requests that run at once apart", async () => {
    const app = compileOne(Rooms);
    const users = Array.from({ length: 20 }, (_, index) => `user ${index}`);
    const rooms = await Promise.all(users.map((user) => run(app, { params: { user } })));
    expect(rooms.map((room) => (room as Rooms).session.user)).toEqual(users);
  });

  it("is refused to a singleton at the start, with the whole path", () => {
    @Injectable()
    class Mailer {
      constructor(readonly greeter: Greeter) {}
    }
    expect(() => compileOne(wants(Mailer))).toThrow(
      refusal(
        "ERR_SCOPE",
        /Mailer is a singleton and needs Session.*Mailer -> Greeter -> Session\./,
      ),
    );
    const guard = Injectable();
    class Checks implements Guard {
      constructor(@Inject(Session) readonly session: object) {}
      canActivate() {
        return true;
      }
    }
    guard(Checks);
    @Controller()
    @UseGuards(Checks)
    class Guarded {
      @Get() read() {}
    }
    expect(() => compileOne(Guarded)).toThrow(refusal("ERR_SCOPE", /Checks -> Session/));
    @Controller("", { scope: "singleton" })
    class Fixed {
      constructor(readonly session: Session) {}
      @Get() read() {}
    }
    expect(() => compileOne(Fixed)).toThrow(refusal("ERR_SCOPE", /Fixed -> Session/));
  });

  it("is refused outside of a request", () => {
    const app = compileOne(Rooms);
    expect(() => app.resolve(Session)).toThrow(
      refusal("ERR_SCOPE", /Session lives for one request/),
    );
    expect(() => app.resolve(REQUEST_CONTEXT)).toThrow(refusal("ERR_SCOPE", /REQUEST_CONTEXT/));
    const useFactory: Provider = { provide: "s", useFactory: (resolve) => resolve(Session) };
    expect(() => compileOne(Rooms, { providers: [useFactory] })).toThrow(
      refusal("ERR_SCOPE", /Session lives for one request/),
    );
  });
});

describe("providers", () => {
  abstract class Store {
    abstract name: string;
  }
  @Injectable()
  class MemoryStore extends Store {
    name = "memory";
  }
  @Controller()
  class Rooms {
    constructor(
      readonly store: Store,
      @Inject("size") readonly size: number,
      @Inject("nothing") readonly nothing: unknown,
      @Inject("made") readonly made: { store: Store },
    ) {}
    @Get() read() {
      return this;
    }
  }
  const providers: Provider[] = [
    { provide: Store, useClass: MemoryStore },
    { provide: "size", useValue: 0 },
    { provide: "nothing", useValue: undefined },
    { provide: "made", useFactory: (resolve) => ({ store: resolve(Store) }) },
  ];

  it("provide a class, a value (also a falsy one) and what a factory makes", async () => {
    const app = compileOne(Rooms, { providers });
    const rooms = (await run(app)) as Rooms;
    expect(rooms.store).toBeInstanceOf(MemoryStore);
    expect(rooms).toMatchObject({ size: 0, nothing: undefined });
    expect(rooms.made.store).toBe(rooms.store);
    expect(app.resolve("made")).toBe(rooms.made);
  });

  it("live as long as their scope says", async () => {
    const scopes: Scope[] = ["singleton", "request", "transient"];
    const made = vi.fn(() => ({}));
    for (const scope of scopes) {
      made.mockClear();
      @Controller()
      class Twice {
        constructor(
          @Inject("x") readonly one: object,
          @Inject("x") readonly two: object,
        ) {}
        @Get() read() {
          return this;
        }
      }
      const app = compileOne(Twice, { providers: [{ provide: "x", useFactory: made, scope }] });
      const { one, two } = (await run(app)) as Twice;
      await run(app);
      expect(one === two).toBe(scope !== "transient");
      expect(made).toHaveBeenCalledTimes(scope === "singleton" ? 1 : 2);
    }
  });

  it("count the last one for a token", () => {
    const app = compileOne(Rooms, {
      providers: [...providers, { provide: "size", useValue: 9 }],
    });
    expect(app.resolve("size")).toBe(9);
  });

  it("make a class injectable that has no decorator, if it takes nothing", () => {
    class Plain {}
    expect(compileOne(wants(Plain), { providers: [Plain] }).resolve(Plain)).toBeInstanceOf(Plain);
  });

  it("find a class that nothing listed, when a factory asks for it", () => {
    @Injectable()
    class Hidden {}
    const app = compileOne(Rooms, {
      providers: [
        ...providers,
        { provide: "a", useFactory: (resolve) => resolve(Hidden) },
        { provide: "b", useFactory: (resolve) => resolve(Hidden) },
      ],
    });
    expect(app.resolve("a")).toBeInstanceOf(Hidden);
    expect(app.resolve("a")).toBe(app.resolve("b"));
  });

  it("let a factory of request scope ask for objects of the request", async () => {
    @Controller()
    class Asks {
      constructor(@Inject("ip") readonly ip: string) {}
      @Get() read() {
        return this.ip;
      }
    }
    const ip: Provider = {
      provide: "ip",
      scope: "request",
      useFactory: (resolve) => resolve<Context>(REQUEST_CONTEXT).ip,
    };
    expect(await run(compileOne(Asks, { providers: [ip] }), { ip: "::1" })).toBe("::1");
  });

  it.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["a function", () => 1],
    ["no token", { useValue: 1 }],
    ["a number as its token", { provide: 1, useValue: 1 }],
    ["no way to make it", { provide: "x" }],
    ["two ways to make it", { provide: "x", useValue: 1, useFactory: () => 1 }],
    ["a class that is none", { provide: "x", useClass: () => 1 }],
    ["a factory that is none", { provide: "x", useFactory: 1 }],
    ["an unknown scope", { provide: "x", useFactory: () => 1, scope: "forever" }],
    ["a value with a scope", { provide: "x", useValue: 1, scope: "singleton" }],
  ])("are refused with %s", (_, provider) => {
    expect(() => compileOne(Rooms, { providers: [...providers, provider as Provider] })).toThrow(
      refusal("ERR_PROVIDER", /^providers\[4\]/),
    );
  });
});

describe("what can't be injected is refused at the start", () => {
  it.each([String, Number, Boolean, Array, Function, Promise])("a parameter of type %o", (type) => {
    @Injectable()
    class Service {
      constructor(
        readonly first: Known,
        readonly second: unknown,
      ) {}
    }
    Reflect.defineMetadata("design:paramtypes", [Known, type], Service);
    expect(() => compileOne(wants(Service))).toThrow(
      refusal(
        "ERR_NOT_INJECTABLE",
        new RegExp(
          `^Service: constructor parameter 2 has the type ${type.name}.*@Inject\\(TOKEN\\)`,
        ),
      ),
    );
  });

  it("an interface, and a class of a circular import that is not there yet", () => {
    @Injectable()
    class Service {
      constructor(readonly options: { a: 1 }) {}
    }
    const message = /^Service: constructor parameter 1 .*interface.*circular import.*@Inject/;
    expect(() => compileOne(wants(Service))).toThrow(refusal("ERR_NOT_INJECTABLE", message));
    Reflect.defineMetadata("design:paramtypes", [undefined], Service);
    expect(() => compileOne(wants(Service))).toThrow(refusal("ERR_NOT_INJECTABLE", message));
  });

  it("a class that was imported as a type, which leaves Function or Object", () => {
    class Service {
      constructor(readonly known: Known) {}
    }
    for (const left of [Function, Object]) {
      Reflect.defineMetadata("design:paramtypes", [left], Service);
      Injectable()(Service);
      expect(() => compileOne(wants(Service))).toThrow(
        refusal("ERR_NOT_INJECTABLE", /^Service: constructor parameter 1 .*`import type`/),
      );
    }
  });

  it("a guard without @Injectable() that needs something, with the route that it guards", () => {
    class MemberOfRoom {
      constructor(readonly known: object) {}
      canActivate() {
        return true;
      }
    }
    Reflect.deleteMetadata("design:paramtypes", MemberOfRoom);
    @Controller()
    class Rooms {
      @Get() @UseGuards(MemberOfRoom) read() {}
    }
    expect(() => compileOne(Rooms)).toThrow(
      refusal("ERR_NO_METADATA", /^MemberOfRoom \(for Rooms\.read: @UseGuards\).*@Injectable/),
    );
  });

  it("a class without @Injectable()", () => {
    class Plain {}
    expect(() => compileOne(wants(Plain))).toThrow(
      refusal(
        "ERR_NOT_INJECTABLE",
        /^Plain, which Wanting: constructor parameter 1 needs, .*Add @Injectable\(\) to Plain, or list it/,
      ),
    );
  });

  it("a token that nothing provides", () => {
    const TOKEN = Symbol("token");
    @Controller()
    class Rooms {
      constructor(@Inject(TOKEN) readonly value: string) {}
      @Get() read() {}
    }
    expect(() => compileOne(Rooms)).toThrow(
      refusal(
        "ERR_NO_PROVIDER",
        /^Nothing provides Symbol\(token\), which Rooms: constructor parameter 1 needs/,
      ),
    );
    expect(() => compileOne(Rooms, { providers: [{ provide: TOKEN, useValue: 1 }] })).not.toThrow();
    const app = compileOne(wants(Known));
    expect(() => app.resolve("other")).toThrow(refusal("ERR_NO_PROVIDER", /"other"/));
  });

  it("a class of whose constructor the compiler said nothing", () => {
    class Service {
      constructor(readonly known: object) {}
    }
    Injectable()(Service);
    expect(() => compileOne(wants(Service))).toThrow(
      refusal(
        "ERR_NO_METADATA",
        /^Service \(for Wanting: constructor parameter 1\) has constructor parameters.*emitDecoratorMetadata.*tsx/,
      ),
    );
    expect(() => compileOne(wants(Known), { providers: [Service] })).toThrow(/Service/);
  });

  it("a cycle, with its path", () => {
    @Injectable()
    class A {
      constructor(readonly b: object) {}
    }
    @Injectable()
    class B {
      constructor(readonly a: A) {}
    }
    Reflect.defineMetadata("design:paramtypes", [B], A);
    expect(() => compileOne(wants(A))).toThrow(
      refusal("ERR_CYCLE", /^A -> B -> A: they need each other/),
    );
  });

  it("a cycle of factories", () => {
    const providers: Provider[] = [
      { provide: "a", useFactory: (resolve) => [resolve("b")] },
      { provide: "b", useFactory: (resolve) => [resolve("a")] },
    ];
    expect(() => compileOne(wants(Known), { providers })).toThrow(
      refusal("ERR_CYCLE", /^"a" -> "b" -> "a"/),
    );
  });

  it("before anything is made", () => {
    const made = vi.fn();
    @Injectable()
    class Eager {
      constructor() {
        made();
      }
    }
    class Plain {}
    expect(() => compile({ controllers: [wants(Eager), wants(Plain)] })).toThrow(/Plain/);
    expect(made).not.toHaveBeenCalled();
  });

  it("@Inject without a token, or on anything but a constructor's parameter", () => {
    class Rooms {}
    expect(() => Inject(undefined as never)(Rooms, undefined, 0)).toThrow(
      refusal(
        "ERR_DECORATOR",
        /^Rooms: the token of @Inject on constructor parameter 1 is undefined/,
      ),
    );
    expect(() => Inject("x")(Rooms.prototype, "join", 0)).toThrow(
      refusal("ERR_DECORATOR", /constructor, not on one of Rooms\.join/),
    );
  });
});

describe("dispose", () => {
  it("calls dispose() of what was made, the youngest first, and once", async () => {
    const disposed: string[] = [];
    @Injectable()
    class Database {
      dispose() {
        disposed.push("database");
      }
    }
    @Injectable()
    class Repository {
      constructor(readonly database: Database) {}
      async dispose() {
        await Promise.resolve();
        disposed.push("repository");
      }
    }
    const value = { dispose: () => disposed.push("value") };
    const app = compileOne(wants(Repository), {
      providers: [
        { provide: "value", useValue: value },
        { provide: "alias", useFactory: (resolve) => resolve(Database) },
      ],
    });
    await app.dispose();
    await app.dispose();
    expect(disposed).toEqual(["repository", "database"]);
  });

  it("calls each, though one throws, and then throws what the first threw", async () => {
    const disposed = vi.fn();
    @Injectable()
    class First {
      dispose = disposed;
    }
    @Injectable()
    class Second {
      constructor(readonly first: First) {}
      dispose() {
        throw new Error("stuck");
      }
    }
    await expect(compileOne(wants(Second)).dispose()).rejects.toThrow("stuck");
    expect(disposed).toHaveBeenCalledOnce();
  });

  it("of a request disposes of its own objects only", async () => {
    const disposed: string[] = [];
    @Injectable()
    class Shared {
      dispose() {
        disposed.push("shared");
      }
    }
    @Injectable({ scope: "request" })
    class PerRequest {
      constructor(readonly shared: Shared) {}
      dispose() {
        disposed.push("request");
      }
    }
    const app = compileOne(wants(PerRequest));
    await run(app);
    expect(disposed).toEqual(["request"]);
    await app.dispose();
    expect(disposed).toEqual(["request", "shared"]);
  });

  it("frees what was made when the start fails", async () => {
    const disposed = vi.fn();
    @Injectable()
    class Database {
      dispose = disposed;
    }
    @Injectable()
    class Broken {
      constructor(readonly database: Database) {
        throw new Error("no connection");
      }
    }
    expect(() => compileOne(wants(Broken))).toThrow("no connection");
    expect(disposed).toHaveBeenCalledOnce();
  });

  it("lets nothing new be made afterwards, and keeps what there is for requests under way", async () => {
    @Injectable()
    class Late {}
    @Injectable({ scope: "request" })
    class PerRequest {}
    const app = compileOne(wants(Known));
    await app.dispose();
    await expect(run(app)).resolves.toHaveProperty("injected");
    expect(() => app.resolve(Late)).toThrow(
      refusal("ERR_SCOPE", /after the application had ended/),
    );
    const route = compileOne(wants(PerRequest)).routes[0]!;
    const invocation = route.invocation(fakeContext());
    await invocation.dispose();
    expect(() => invocation.call(fakeContext(), [])).toThrow(
      refusal("ERR_SCOPE", /after its request had ended/),
    );
  });
});

@Injectable()
class Known {}
