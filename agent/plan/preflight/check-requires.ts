import { canonicalAddress, isLoopback } from "../../lib/ip-address.ts";
import type { Requires } from "../../model/generated/stack.ts";
import { formatSize, parseSize } from "../../model/parse-size.ts";
import type { HostFound, PreflightFinding } from "../../model/preflight.ts";

/** Whether a version lies in a range; undefined when one of the two cannot be read. */
export type InRange = (version: string, range: string) => boolean | undefined;

type Told = Omit<PreflightFinding, "stack" | "severity">;

/**
 * What a machine of 16 GiB or a GPU of 24 GB reports is less: firmware, kernel and driver keep some of it. So much of what is
 * required may be missing.
 */
const KEPT_BY_SYSTEM = 1 / 16;
const GPU_FIX: Readonly<Record<string, string>> = {
  nvidia: "install NVIDIA's driver, or run the stack on another host",
};

/** What the `requires` of a host or a stack asks for and the host has not; variables are filled in before. */
export function checkRequires(requires: Requires, found: HostFound, inRange: InRange, stack?: string): PreflightFinding[] {
  const told = [
    ...checkVersions(requires, found, inRange),
    ...checkMemory(requires, found),
    ...checkGpus(requires, found),
    ...checkDisks(requires, found),
    ...checkAddresses(requires, found),
    ...checkCommands(requires, found),
  ];
  return told.map((one) => ({ ...one, ...(stack === undefined ? {} : { stack }), severity: "error" }));
}

function checkVersions({ docker, compose }: Requires, { engine, composeVersion }: HostFound, inRange: InRange): Told[] {
  const pairs = [
    ["docker", "Docker", docker, engine?.version, "upgrade the Docker engine"],
    ["compose", "Docker Compose", compose, composeVersion, "upgrade the Compose plugin: `apt-get install docker-compose-plugin`"],
  ] as const;
  return pairs.flatMap(([kind, what, range, version, upgrade]): Told[] => {
    if (range === undefined || version === undefined) return [];
    const answer = inRange(version, range);
    if (answer === true) return [];
    const fix = answer === undefined ? "write a range such as >=20.10" : `${upgrade}, or change \`requires\``;
    return [{ kind, what, expected: answer === undefined ? `a version in "${range}"` : range, actual: version, fix }];
  });
}

function checkMemory({ memory }: Requires, { machine }: HostFound): Told[] {
  const wanted = parseSize(memory ?? "");
  const { totalBytes } = machine.memory;
  if (wanted === undefined || totalBytes >= wanted * (1 - KEPT_BY_SYSTEM)) return [];
  const fix = "run it on a host with more memory, or lower `requires.memory`";
  return [{ kind: "memory", what: "memory", expected: formatSize(wanted), actual: formatSize(totalBytes), fix }];
}

function checkGpus({ gpu }: Requires, { machine }: HostFound): Told[] {
  if (gpu === undefined) return [];
  const { vendor, count = 1 } = gpu;
  const memory = parseSize(gpu.memory ?? "");
  const ofVendor = machine.gpus.filter((one) => vendor === undefined || one.vendor === vendor);
  const enough = ofVendor.filter(
    ({ memoryBytes }) => memory === undefined || (memoryBytes ?? 0) >= memory * (1 - KEPT_BY_SYSTEM),
  );
  if (enough.length >= count) return [];
  const size = memory === undefined ? "" : ` of ${formatSize(memory)}`;
  const listed = ofVendor.map(({ name, memoryBytes }) =>
    memoryBytes === undefined ? name : `${name} with ${formatSize(memoryBytes)}`,
  );
  const problem = vendor === undefined || vendor === "nvidia" ? machine.gpuProblem : undefined;
  return [
    {
      kind: "gpu",
      what: "GPU",
      expected: `${count} ${vendor === undefined ? "" : `${vendor} `}GPU${count === 1 ? "" : "s"}${size}`,
      actual: listed.length > 0 ? listed.join(", ") : `none${problem === undefined ? "" : ` (${problem})`}`,
      fix:
        (listed.length === 0 ? GPU_FIX[vendor ?? "nvidia"] : undefined) ??
        "run the stack on another host, or lower `requires.gpu`",
    },
  ];
}

function checkDisks({ disk = [] }: Requires, { machine }: HostFound): Told[] {
  return disk.flatMap(({ path, free, create = false, mode = "0755" }): Told[] => {
    const facts = machine.paths[path];
    if (facts === undefined) return [];
    const about = (expected: string, actual: string, fix: string): Told => ({
      kind: "disk",
      what: `disk ${path}`,
      expected,
      actual,
      fix,
    });
    const told: Told[] = [];
    if (facts.kind === "missing") {
      const fix = `\`install -d -m ${mode} ${path}\`, or \`create: true\` in \`requires.disk\``;
      if (!create) told.push(about("a directory", "nothing there", fix));
    } else if (facts.kind === "unreadable") {
      told.push(
        about(
          "a directory",
          "nothing that can be read in time",
          `look at \`stat ${path}\`: is its file system mounted and its server up?`,
        ),
      );
    } else if (facts.kind !== "directory") {
      told.push(
        about("a directory", `a ${facts.kind === "other" ? "device" : facts.kind}`, "move it away, or name another path"),
      );
    }
    const wanted = parseSize(free ?? "");
    const { disk: below } = facts;
    if (below !== undefined && wanted !== undefined && below.freeBytes < wanted) {
      const where = below.directory === path ? "" : ` in ${below.directory}`;
      told.push(
        about(
          `${formatSize(wanted)} free`,
          `${formatSize(below.freeBytes)} free${where}`,
          `free space: \`df -h ${below.directory}\``,
        ),
      );
    }
    if (below?.freeInodes === 0)
      told.push(about("inodes for new files", "none free", `remove files: \`df -i ${below.directory}\``));
    return told;
  });
}

function checkAddresses({ addresses = [] }: Requires, { machine }: HostFound): Told[] {
  return addresses.flatMap((address): Told[] => {
    const canonical = canonicalAddress(address);
    if (canonical !== undefined && machine.addresses.includes(canonical)) return [];
    const about = { kind: "address", what: `address ${address}` } as const;
    if (canonical === undefined)
      return [
        {
          ...about,
          expected: "an IP address",
          actual: `"${address}"`,
          fix: "correct `requires.addresses` or the variable in it",
        },
      ];
    return [describeMissingAddress(about.what, machine.addresses)];
  });
}

/** A finding about an address that no interface has; of those that there are, the ones that mean something to others are told. */
export function describeMissingAddress(what: string, addresses: readonly string[]): Told {
  const told = addresses.filter((address) => !isLoopback(address) && !address.startsWith("fe80:"));
  return {
    kind: "address",
    what,
    expected: "an interface with it",
    actual: told.join(", ") || "none",
    fix: "bring its interface up (`ip address`), or correct the variable that names it",
  };
}

function checkCommands({ commands = [] }: Requires, { machine }: HostFound): Told[] {
  return commands.flatMap((name): Told[] => {
    if (machine.commands[name] !== undefined) return [];
    return [
      {
        kind: "command",
        what: `command ${name}`,
        expected: "a command of that name",
        actual: "none",
        fix: `install ${name} on this host`,
      },
    ];
  });
}
