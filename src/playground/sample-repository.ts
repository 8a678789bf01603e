/** octo-org/hello: a server small enough to read at a glance, for a worker to work on. */
export const SAMPLE_FILES: Readonly<Record<string, string>> = {
  "README.md": `# hello

A small web server that says hello.

\`\`\`
npm start
npm test
\`\`\`
`,
  "package.json": `{
  "name": "hello",
  "version": "1.0.0",
  "private": true,
  "type": "module",
  "scripts": {
    "start": "node src/main.js",
    "test": "node --test"
  }
}
`,
  ".gitignore": "node_modules/\n",
  "src/main.js": `import { createApp } from "./server.js";

const port = Number(process.env.PORT ?? 3000);
createApp().listen(port, () => console.log(\`Listening on http://localhost:\${port}\`));
`,
  "src/server.js": `import { createServer } from "node:http";

/** The answer to a request for this path. */
export function respond(path) {
  if (path === "/") return { status: 200, type: "text/plain", body: "Hello!\\n" };
  return { status: 404, type: "text/plain", body: "Not found\\n" };
}

export function createApp() {
  return createServer((request, response) => {
    const { status, type, body } = respond(request.url);
    response.writeHead(status, { "content-type": type }).end(body);
  });
}
`,
  "test/server.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { respond } from "../src/server.js";

test("says hello", () => {
  assert.deepEqual(respond("/"), { status: 200, type: "text/plain", body: "Hello!\\n" });
});

test("knows nothing else", () => {
  assert.equal(respond("/nowhere").status, 404);
});
`,
};

export const ISSUE = {
  title: "Load balancer needs a health check",
  body: `Our load balancer asks for \`/health\` and gets a 404, so it takes the server for dead.

It should get an answer that says whether the server is well.`,
};

export const PULL_REQUEST = {
  branch: "friendlier-greeting",
  title: "Say hello in a friendlier way",
  body: "“Hello!” is a little dry. This greets whoever comes along.",
  path: "docs/greeting.md",
  text: "# Greeting\n\nThe server should say “Hello, and welcome!” instead of “Hello!”.\n",
} as const;

export const FORK_PULL_REQUEST = {
  branch: "add-a-license",
  title: "Add a license",
  body: "So that others know what they may do with this.",
  path: "LICENSE",
  text: "Do with this what you like.\n",
} as const;
