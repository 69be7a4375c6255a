import assert from "node:assert/strict";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { createPlacement } from "../../../agent/commands/import/place-path.ts";
import { createTemporaryDirectory } from "../../servers/temporary-directory.ts";

describe("the paths of a project that is imported", () => {
  const directory = createTemporaryDirectory("hf-place-");
  const write = (path: string, content: string | Buffer, mode = 0o644): void => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), content);
    chmodSync(join(directory, path), mode);
  };
  write("conf/a.conf", "a");
  write("conf/deep/b.conf", "b");
  write("private.conf", "for root", 0o600);
  write("token.conf", `token: ghp_${"a1".repeat(20)}`);
  write("picture.bin", Buffer.from([1, 0, 2]));
  write("large.txt", "x".repeat(1024 * 1024 + 1));
  mkdirSync(join(directory, "linked"));
  symlinkSync("/etc/hostname", join(directory, "linked", "name"));
  symlinkSync("conf", join(directory, "elsewhere"));
  write(".env", "SHORT=x");
  write("app/.env.production", "SHORT=x");
  write("settings.ini", "[db]\npassword = Vq7-correct-horse\n");
  write("address.yml", "url: postgres://me:hunter2@db/app\n");
  write("closed/a.conf", "a");
  chmodSync(join(directory, "closed"), 0o700);
  write("compose.prod.yaml", "services: {}");
  write("compose.yaml", "something else");
  write("stack.yaml", "something else");

  for (const [source, use, expected] of [
    ["./conf", "read", "./conf"],
    ["conf/deep/b.conf", "read", "./conf/deep/b.conf"],
    ["./conf", "written", `${directory}/conf`],
    ["./conf/a.conf", "secret", `${directory}/conf/a.conf`],
    ["./private.conf", "read", `${directory}/private.conf`],
    ["./token.conf", "read", `${directory}/token.conf`],
    ["./picture.bin", "read", `${directory}/picture.bin`],
    ["./large.txt", "read", `${directory}/large.txt`],
    ["./.env", "read", `${directory}/.env`],
    ["./app", "read", `${directory}/app`],
    ["./settings.ini", "read", `${directory}/settings.ini`],
    ["./address.yml", "read", `${directory}/address.yml`],
    ["./closed", "read", `${directory}/closed`],
    ["./closed/a.conf", "read", `${directory}/closed/a.conf`],
    ["./elsewhere/a.conf", "read", `${directory}/elsewhere/a.conf`],
    ["./compose.prod.yaml", "read", `${directory}/compose.prod.yaml`],
    ["./compose.yaml", "read", `${directory}/compose.yaml`],
    ["./stack.yaml", "read", `${directory}/stack.yaml`],
    ["./linked", "read", `${directory}/linked`],
    ["./missing", "read", `${directory}/missing`],
    ["./${NAME}/conf", "read", `${directory}/\${NAME}/conf`],
    [".", "read", directory],
    ["..", "read", join(directory, "..")],
    ["~/conf", "read", join(homedir(), "conf")],
    ["/srv/data", "written", "/srv/data"],
  ] as const)
    it(`${source}, ${use}, must be ${expected.startsWith("./") ? "copied" : "left where it is"}`, () => {
      const { place, copies, stays } = createPlacement(directory, [join(directory, "compose.prod.yaml")]);
      assert.equal(place(source, use), expected);
      assert.equal(copies.size > 0, expected.startsWith("./"));
      assert.equal(stays.size, expected.startsWith("./") || source.startsWith("/") ? 0 : 1);
    });
});
