/** Bytes that are no request, or that are followed by something that is none. */
export interface Malformed {
  readonly name: string;
  /** One character a byte. */
  readonly bytes: string;
  /** Whole requests come first: their answer may be a stream. */
  readonly isAnswered?: boolean;
  /** Node's parser takes it for a request all the same. */
  readonly isTaken?: boolean;
}

const HOST = "host: 127.0.0.1\r\n";
const GET = `GET /faults/quiet HTTP/1.1\r\n${HOST}`;
const POST = `POST /faults/posted HTTP/1.1\r\n${HOST}content-type: application/json\r\n`;
const CHUNKED = `${POST}transfer-encoding: chunked\r\n\r\n`;
const QUIET = `${GET}\r\n`;

const REQUEST_LINES = [
  "",
  " ",
  "GET",
  "GET ",
  "GET  HTTP/1.1",
  "/faults/quiet HTTP/1.1",
  "HTTP/1.1 200 OK",
  "G\0T /faults/quiet HTTP/1.1",
  "G(T /faults/quiet HTTP/1.1",
  "get /faults/quiet HTTP/1.1",
  "GET\t/faults/quiet\tHTTP/1.1",
  "GET /faults/quiet HTTP/1.1 HTTP/1.1",
  "GET /faults/quiet HTTP/1.1 x",
  "GET /faults/qui et HTTP/1.1",
  "GET /faults/qui\0et HTTP/1.1",
  "GET /faults/qui\x01et HTTP/1.1",
  "GET /faults/quiet\x7f HTTP/1.1",
  "GET faults/quiet HTTP/1.1",
  "GET ?pace=1 HTTP/1.1",
  "GET http:// HTTP/1.1",
  "GET http://[::1 HTTP/1.1",
  "GET /%zz HTTP/1.1",
  "GET /faults/channel/%ff%fe HTTP/1.1",
  "GET /faults/channel/%c3%28 HTTP/1.1",
  "GET /faults/channel/% HTTP/1.1",
  "GET * HTTP/1.1",
  "OPTIONS * HTTP/1.1",
  "CONNECT 127.0.0.1:80 HTTP/1.1",
  "CONNECT /faults/quiet HTTP/1.1",
  "TRACE /faults/quiet HTTP/1.1",
  "BREW /faults/quiet HTTP/1.1",
  "PRI * HTTP/2.0",
  "SOURCE /faults/quiet HTTP/1.1",
  "GET /../../etc/passwd HTTP/1.1",
  "GET //faults//quiet HTTP/1.1",
  "GET /faults/quiet\\..\\x HTTP/1.1",
  "GET /faults/generator?pace=x&bytes=1 HTTP/1.1",
  "GET /faults/generator?pace=1&pace=2&bytes=1 HTTP/1.1",
  `GET /${"a".repeat(20_000)} HTTP/1.1`,
  `GET /faults/quiet?${"a=b&".repeat(5_000)} HTTP/1.1`,
  `${"G".repeat(20_000)} / HTTP/1.1`,
  "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
  "\x80\x2e\x01\x03\x01\0\x15",
  "SSH-2.0-OpenSSH_9.0",
  "EHLO example.org",
  '{"jsonrpc":"2.0"}',
  "\xef\xbb\xbfGET /faults/quiet HTTP/1.1",
  "\xff\xfe\xff\xfe",
] as const;

const VERSIONS = [
  "HTTP/1",
  "HTTP/1.",
  "HTTP/1.10",
  "HTTP/1.2",
  "HTTP/3.0",
  "HTTP/11.1",
  "HTTP/-1.1",
  "HTTP/a.b",
  "HTTP 1.1",
  "http/1.1",
  "HTTP/1,1",
  "HTTPS/1.1",
  "ICE/1.0",
] as const;

const HEADER_LINES = [
  "no colon",
  ": no name",
  "na me: x",
  "name : x",
  " leading: x",
  "na\0me: x",
  "na\x01me: x",
  "na(me: x",
  "na/me: x",
  "na@me: x",
  'na"me: x',
  "na\xe4me: x",
  "name: x\0y",
  "name: x\x01y",
  "name: x\x7fy",
  "name: x\ry",
  "name: x\r\n folded",
  "content-length: x",
  "content-length: -1",
  "content-length: +1",
  "content-length: 1.5",
  "content-length: 0x10",
  "content-length: 1, 1",
  "content-length: 1\r\ncontent-length: 2",
  "content-length: 99999999999999999999999",
  "content-length: 3\r\ntransfer-encoding: chunked",
  "transfer-encoding: chunked\r\ncontent-length: 3",
  "transfer-encoding: gzip",
  "transfer-encoding: chunked, gzip",
  "transfer-encoding: chunked\r\ntransfer-encoding: identity",
  "transfer-encoding: xchunked",
  "expect: 200-ok",
  `name: ${"x".repeat(20_000)}`,
  `${"n".repeat(20_000)}: x`,
  Array.from({ length: 2_000 }, (_, n) => `name-${n}: xxxxxxxxxx`).join("\r\n"),
] as const;

const CHUNKED_BODIES = [
  "x\r\n\r\n",
  "-1\r\n\r\n",
  "+2\r\n{}\r\n0\r\n\r\n",
  " 2\r\n{}\r\n0\r\n\r\n",
  "0x2\r\n{}\r\n0\r\n\r\n",
  "2 \r\n{}\r\n0\r\n\r\n",
  "2\n{}\r\n0\r\n\r\n",
  "2\r{}\r\n0\r\n\r\n",
  "2\r\n{}\n0\r\n\r\n",
  "2\r\n{}x0\r\n\r\n",
  "2\r\n{}}\r\n0\r\n\r\n",
  "3\r\n{}\r\n0\r\n\r\n",
  "2\r\n{}\r\n0\r\nno colon\r\n\r\n",
  "2\r\n{}\r\n0\r\nna me: x\r\n\r\n",
  "2\r\n{}\r\n",
  "2\r\n{}\r\n0\r\n",
  "2\r\n{}",
  "2\r\n",
  "2",
  "ffffffffffffffffff\r\n{}",
  "ffffffffffffffff\r\n{}",
  "7fffffff\r\n{}",
  "2;\0=x\r\n{}\r\n0\r\n\r\n",
  `2;${"x".repeat(20_000)}\r\n{}\r\n0\r\n\r\n`,
  "\r\n\r\n",
  "0\r\n\r\n",
  "1\r\n{\r\n0\r\n\r\n",
  "4\r\nnull}\r\n0\r\n\r\n",
] as const;

const BODIES = ["{", '{"a":', "[1,", '{"__proto__":{}}', "\0", "\xff", "x", "'x'", "{}{}"] as const;

const TAKEN = [
  `GET /faults/quiet\r\n${HOST}\r\n`,
  ...["HTTP/0.9", "HTTP/2.0", "RTSP/1.0"].map(
    (version) => `GET /faults/quiet ${version}\r\n${HOST}\r\n`,
  ),
  `${GET}host: two\r\n\r\n`,
] as const;

/** What comes behind a whole request. */
const BEHIND = [
  ...REQUEST_LINES.slice(1, 18).map((line) => `${line}\r\n\r\n`),
  ...HEADER_LINES.slice(0, 22).map((line) => `${GET}${line}\r\n\r\n`),
  ...CHUNKED_BODIES.slice(0, 12).map((body) => CHUNKED + body),
  "\0".repeat(1_000),
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
] as const;

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const SETTINGS = "\0\0\0\x04\0\0\0\0\0";

/** More than 200 of them. */
export const CORPUS: readonly Malformed[] = [
  ...REQUEST_LINES.map((line) => entry("request line", `${line}\r\n${HOST}\r\n`)),
  ...VERSIONS.map((version) => entry("version", `GET /faults/quiet ${version}\r\n${HOST}\r\n`)),
  ...HEADER_LINES.map((line) => entry("header", `${GET}${line}\r\n\r\n`)),
  ...HEADER_LINES.map((line) => entry("header of a POST", `${POST}${line}\r\n\r\n{}`)),
  ...CHUNKED_BODIES.map((body) => entry("chunked body", CHUNKED + body)),
  ...BODIES.map((body) => entry("body", `${POST}content-length: ${body.length}\r\n\r\n${body}`)),
  ...[1, 2, 4, 8, 20, 40, 45].map((length) => entry("cut off", QUIET.slice(0, length))),
  entry("without a host", "GET /faults/quiet HTTP/1.1\r\n\r\n"),
  entry("bare line feeds inside", `GET /faults/quiet HTTP/1.1\n host: x\n\n`),
  entry("a body that does not come", `${POST}content-length: 100\r\n\r\n{`),
  entry("a body of another type", `${POST.replace("json", "jsan")}content-length: 2\r\n\r\n{}`),
  entry("HTTP/2 preface", PREFACE),
  entry("HTTP/2 preface and settings", PREFACE + SETTINGS),
  entry(
    "HTTP/2 upgrade",
    `${GET}connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: x\r\n`,
  ),
  ...TAKEN.map((bytes) => ({ ...entry("taken", bytes), isTaken: true })),
  ...BEHIND.map((behind) => ({ ...entry("behind a stream", QUIET + behind), isAnswered: true })),
];

function entry(kind: string, bytes: string): Malformed {
  return { name: `${kind}: ${JSON.stringify(bytes.slice(0, 120))}`, bytes };
}
