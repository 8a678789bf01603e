import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

type Layer = "core" | "flows" | "adapters" | "app" | "action" | "worker" | "playground";

/** What each layer may import, beside itself. Imports point inwards. */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  core: [],
  flows: ["core"],
  adapters: ["core", "flows"],
  app: ["core", "flows", "adapters"],
  action: ["core", "flows", "adapters"],
  worker: ["core"],
  playground: ["core"],
};

const CORE_PACKAGES = ["zod", "yaml"];

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const root = join(import.meta.dirname, "../..");
const files = globSync("src/**/*.ts", { cwd: root });

function importsOf(file: string): Import[] {
  // A sample file that is held as text imports nothing here.
  const text = readFileSync(join(root, file), "utf8").replace(/`[^`]*`/g, "``");
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?[^;]*?from\s+"([^"]+)"|import\("([^"]+)"\)/gm);
  return Array.from(statements, ([, type, from, dynamic]) => ({
    file,
    specifier: from ?? dynamic ?? "",
    typeOnly: type !== undefined,
  }));
}

function layerOf(file: string): Layer | undefined {
  return Object.keys(MAY_IMPORT).find((layer): layer is Layer => file.startsWith(`src/${layer}/`));
}

const imports = files.flatMap(importsOf);
const inside = imports.filter(({ specifier }) => specifier.startsWith("."));

describe("the layers", () => {
  it("are all known", () => {
    expect(files.filter((file) => layerOf(file) === undefined)).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
  });

  it("import only inwards", () => {
    const wrong = inside.filter(({ file, specifier }) => {
      const from = layerOf(file);
      const to = layerOf(normalize(join(dirname(file), specifier)));
      return from === undefined || to === undefined || (from !== to && !MAY_IMPORT[from].includes(to));
    });
    expect(wrong).toEqual([]);
  });

  it("let adapters take only types from the flows", () => {
    const wrong = inside.filter(
      ({ file, specifier, typeOnly }) => layerOf(file) === "adapters" && specifier.includes("/flows/") && !typeOnly,
    );
    expect(wrong).toEqual([]);
  });
});

describe("the core", () => {
  const core = files.filter((file) => layerOf(file) === "core");

  it("is flat", () => {
    expect(core.filter((file) => file.split("/").length > 3)).toEqual([]);
  });

  it("imports only itself, zod and yaml", () => {
    const foreign = imports.filter(
      ({ file, specifier }) =>
        layerOf(file) === "core" && !specifier.startsWith("./") && !CORE_PACKAGES.includes(specifier),
    );
    expect(foreign).toEqual([]);
  });

  it("neither waits nor looks at the clock, the environment or chance", () => {
    const forbidden = /\bawait\b|\basync\b|Date\.now\(|new Date\(\)|process\.|Math\.random|setTimeout/;
    const impure = core.filter((file) => forbidden.test(withoutComments(readFileSync(join(root, file), "utf8"))));
    expect(impure).toEqual([]);
  });
});

describe("the flows", () => {
  it("know no package and no machine", () => {
    const foreign = imports.filter(({ file, specifier }) => layerOf(file) === "flows" && !specifier.startsWith("."));
    expect(foreign).toEqual([]);
  });
});

it("has no file that is too long to read at a sitting", () => {
  const long = files
    .map((file) => ({ file, lines: readFileSync(join(root, file), "utf8").split("\n").length }))
    .filter(({ lines }) => lines > 350);
  expect(long).toEqual([]);
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|`[^`]*`|"[^"\n]*"/gm, "");
}
