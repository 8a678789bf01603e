import type { StateCore, Token } from "markdown-it";

type MakeToken = StateCore["Token"];

interface Repository {
  readonly owner: string;
  readonly repo: string;
}

// One pattern, so that "mona/hello#3" is not read as "hello" and "#3". GitHub looks at the rendered text, hence escapes don't hinder it.
const REFERENCE =
  /(?<=^|[^\w/`.@#&-])(?:@(?<login>[a-z\d](?:-?[a-z\d]){0,38})(?<team>\/[\w-]+)?(?![\w-])|(?:(?<owner>[\w.-]+)\/(?<repo>[\w.-]+))?#(?<number>[1-9]\d{0,8})(?!\w))/gi;

/** Turns `@mona`, `#1` and `octo-org/hello#1` into links, outside links and code. */
export function linkReferences(children: readonly Token[], repository: Repository, make: MakeToken): Token[] {
  let depth = 0;
  return children.flatMap((child) => {
    if (child.type === "link_open" || (child.type === "html_inline" && /^<a[\s>]/i.test(child.content))) depth += 1;
    if (child.type === "link_close" || (child.type === "html_inline" && /^<\/a\s*>/i.test(child.content))) depth -= 1;
    return child.type === "text" && depth === 0 ? linksIn(child, repository, make) : [child];
  });
}

function linksIn(text: Token, repository: Repository, make: MakeToken): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const match of text.content.matchAll(REFERENCE)) {
    if (match.index > from) tokens.push(textToken(make, text.content.slice(from, match.index)));
    tokens.push(...link(make, match[0], target(match.groups ?? {}, repository)));
    from = match.index + match[0].length;
  }
  if (from === 0) return [text];
  if (from < text.content.length) tokens.push(textToken(make, text.content.slice(from)));
  return tokens;
}

function target(
  groups: Readonly<Record<string, string | undefined>>,
  here: Repository,
): { href: string; kind: string } {
  if (groups["login"] !== undefined) return { href: `/${groups["login"]}`, kind: "user-mention" };
  const { owner = here.owner, repo = here.repo, number = "" } = groups;
  return { href: `/${owner}/${repo}/issues/${number}`, kind: "issue-link" };
}

function link(make: MakeToken, label: string, { href, kind }: { href: string; kind: string }): Token[] {
  const open = new make("link_open", "a", 1);
  open.attrs = [
    ["href", href],
    ["class", kind],
  ];
  return [open, textToken(make, label), new make("link_close", "a", -1)];
}

function textToken(make: MakeToken, content: string): Token {
  const token = new make("text", "", 0);
  token.content = content;
  return token;
}
