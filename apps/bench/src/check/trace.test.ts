import { expect, it } from "vitest";
import { readTrace } from "./trace.js";

const TRACE = `
read(20, "before", 65536) = 6
access("/sluice-check/begin", F_OK)     = -1 ENOENT (No such file or directory)
write(20, "6d\\r\\nid: 1"..., 115) = 115
write(21, "6d\\r\\nid: 1"..., 115) = 115
futex(0x566f9c8, FUTEX_WAKE_PRIVATE, 1) = 1
--- SIGCHLD {si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=7} ---
recvmsg(3, {msg_name=NULL}, 0) = 40
epoll_pwait(14, [], 1024, 0, NULL, 8)   = 0
access("/sluice-check/end", F_OK)       = -1 ENOENT (No such file or directory)
write(20, "between", 7) = 7
faccessat2(AT_FDCWD, "/sluice-check/begin", F_OK, 0) = -1 ENOENT (No such file or directory)
writev(20, [{iov_base="HTTP/1.1 200 OK\\r\\n"..., iov_len=227}], 1) = 227
faccessat2(AT_FDCWD, "/sluice-check/end", F_OK, 0) = -1 ENOENT (No such file or directory)
+++ exited with 0 +++
`;

it("counts the system calls of each marked stretch, but for those of memory, threads and orders", () => {
  expect(readTrace(TRACE)).toEqual([{ write: 2, epoll_pwait: 1 }, { writev: 1 }]);
});

it("counts nothing of a stretch that does not end", () => {
  expect(readTrace('access("/sluice-check/begin", F_OK) = -1\nwrite(20, "", 0) = 0')).toEqual([]);
});
