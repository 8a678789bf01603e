import { createHash } from "node:crypto";
import { IMPORT_MAP } from "./assets.ts";

/** What the page's scripts need to know beforehand. The tokens are a toy's: they open nothing but this loopback GitHub. */
export interface PageData {
  /** Tokens of the people one can act as, by login. The first one is who one is at the start. */
  readonly people: Readonly<Record<string, string>>;
}

const MAP_HASH = createHash("sha256").update(IMPORT_MAP).digest("base64");

/** No script but our own, and no request beyond this server: comments may hold anything. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src 'self' 'sha256-${MAP_HASH}'`,
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The same document for every path; the scripts draw what the path names. */
export function renderShell(data: PageData): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Playground</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/_playground/assets/page.css">
<script type="importmap">${IMPORT_MAP}</script>
<script type="application/json" id="page-data">${JSON.stringify(data).replaceAll("<", "\\u003c")}</script>
<script type="module" src="/_playground/assets/client/main.ts"></script>
</head>
<body>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
`;
}

const ICON = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="8" fill="#1f883d"/><path d="M4.5 8.3l2.3 2.3 4.7-4.9" fill="none" stroke="#fff" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/></svg>',
)}`;
