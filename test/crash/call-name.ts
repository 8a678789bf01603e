/**
 * `POST issues/N/comments`, `mutation CommitToTask`: what a call is, whatever it is about.
 * @param graphql text of a GraphQL request
 */
export function nameOfCall(method: string, path: string, graphql: string): string {
  if (path.endsWith("/graphql"))
    return /(?:query|mutation)\s+\w+/.exec(graphql.replaceAll("\\n", " "))?.[0] ?? "graphql";
  const short = path
    .replaceAll(/%2f/gi, "/")
    .replace(/^.*\/repos\/[^/]+\/[^/]+/, "")
    .replace(/\/(?:\d+|[0-9a-f]{40}|dispatch\.yml)(?=\/|$)/g, "/N");
  return `${method} ${short.replace(/(\/git\/refs?\/heads\/|\/collaborators\/|\/labels\/).*$/, "$1*").replace(/^\//, "") || path}`;
}
