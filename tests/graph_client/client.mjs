// Microsoft's own Graph client asks `riskdeskctl serve`. Each step prints a line of JSON, which
// tests/command_line/tst_graph_client.cpp compares with what it knows. Address and token come in the
// environment; Node trusts the certificate by NODE_EXTRA_CA_CERTS. Needs Node 18 or later.
import {
  BatchRequestContent, BatchResponseContent, Client, GraphError, PageIterator,
} from "@microsoft/microsoft-graph-client";

const { origin, hostname } = new URL(process.env.RISKDESK_URL);
const clientWith = (token) => Client.initWithMiddleware({
  authProvider: { getAccessToken: async () => token },
  baseUrl: origin,
  customHosts: new Set([hostname]), // the token goes to these and Microsoft's alone
});
const client = clientWith(process.env.RISKDESK_TOKEN);
const users = "/identityProtection/riskyUsers";
const say = (step, result) => console.log(JSON.stringify({ step, ...result }));
const upns = (rows) => rows.map((user) => user.userPrincipalName);
const find = async (upn) =>
  (await client.api(users).filter(`userPrincipalName eq '${upn}'`).select("id").get()).value[0].id;

// Every row of a list, and where to go on from.
async function everything(request) {
  const rows = [];
  const first = await request.get();
  const pages = new PageIterator(client, first, (row) => rows.push(row) > 0);
  await pages.iterate();
  return { first, rows, complete: pages.isComplete(), deltaLink: pages.getDeltaLink() };
}

async function failure(request) {
  try {
    await request();
    return { failed: false };
  } catch (error) {
    const { statusCode, code, message, requestId, date } = error;
    return { failed: error instanceof GraphError, statusCode, code, message, requestId, dated: date > 0 };
  }
}

const post = (path, body) =>
  new Request(origin + path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });

async function batch(steps) {
  const content = new BatchRequestContent(steps);
  const answered = new BatchResponseContent(await client.api("/$batch").post(await content.getContent()));
  const result = {};
  for (const [id, response] of answered.getResponses())
    result[id] = { status: response.status, body: response.status === 204 ? null : await response.json() };
  return result;
}

async function all() {
  const list = await client.api(users).get();
  say("list", { context: list["@odata.context"], count: list.value.length });

  const paged = await everything(client.api(users).top(10).orderby("userPrincipalName"));
  say("pages", { first: paged.first.value.length, complete: paged.complete, users: upns(paged.rows) });

  const filtered = await everything(client.api(users).count(true).top(3)
    .filter("riskState eq 'atRisk' and startswith(userPrincipalName,'user2')"));
  say("filter", { count: filtered.first["@odata.count"], users: upns(filtered.rows).sort() });

  const dismissed = await find("user3@shop.example");
  const selected = await client.api(`${users}/${dismissed}`).select(["id", "riskState"]).get();
  say("select", { user: selected, dismissed });

  const answer = await client.api(`${users}/dismiss`).post({ userIds: [dismissed] });
  say("dismiss", { answer: answer ?? null });
  const history = await client.api(`${users}/${dismissed}/history`).get();
  say("history", { items: history.value.map(({ riskState, initiatedBy }) => ({ riskState, initiatedBy })) });

  const delta = await everything(client.api(`${users}/delta`).top(10));
  const confirmed = await find("user5@shop.example");
  await client.api(`${users}/confirmCompromised`).post({ userIds: [confirmed] });
  const changes = await client.api(delta.deltaLink).get();
  say("delta", {
    before: delta.rows.length, after: changes.value.map((user) => [user.userPrincipalName, user.riskState]),
  });

  const { value: signIns } = await client.api("/auditLogs/signIns")
    .filter("userPrincipalName eq 'user7@shop.example'").get();
  const signIn = await client.api(`/auditLogs/signIns/${signIns[0].id}`).get();
  say("signIns", { count: signIns.length, address: signIn.ipAddress, same: signIn.id === signIns[0].id });

  say("missing", await failure(() => client.api(`${users}/nobody`).get()));
  say("badFilter", await failure(() => client.api(users).filter("riskLevel eq").get()));
  say("badToken", await failure(() => clientWith("rd_nonsense").api(users).get()));

  const safe = await find("user9@shop.example");
  say("batch", { responses: await batch([
    { id: "1", request: new Request(`${origin}${users}?$top=2&$select=id`) },
    { id: "2", request: new Request(`${origin}${users}/nobody`) },
    { id: "3", request: post(`${users}/confirmSafe`, { userIds: [safe] }) },
  ]) });
  say("serialBatch", { responses: await batch([
    { id: "1", request: new Request(`${origin}${users}/nobody`) },
    { id: "2", request: post(`${users}/dismiss`, { userIds: [safe] }), dependsOn: ["1"] },
  ]) });
}

// More than the server lets through at once: the client waits as long as it is told, and asks again.
async function throttled() {
  let answered = 0;
  for (; answered < 5; ++answered)
    await client.api(users).get();
  say("throttled", { answered });
}

await (process.argv[2] === "throttled" ? throttled() : all());
