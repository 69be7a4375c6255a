const SERVERS = ["pi-web1", "pi-web2"];
const REFRESH_MS = 10_000;
const answers = new Map(SERVERS.map((name) => [name, 0]));

async function askServer(name) {
  try {
    const response = await fetch(`/servers/${name}`, { signal: AbortSignal.timeout(3_000) });
    const body = await response.json();
    return { name, state: body.database?.reachable ? "healthy" : "degraded", body };
  } catch {
    return { name, state: "down" };
  }
}

async function askLoadBalancer() {
  try {
    const body = await (await fetch("/api/", { signal: AbortSignal.timeout(3_000) })).json();
    answers.set(body.server, (answers.get(body.server) ?? 0) + 1);
  } catch {
    // the cards say which server is down
  }
}

function createElement(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}

function showServer({ name, state, body }) {
  const card = createElement("article", "");
  card.className = state;
  card.append(createElement("h2", name), createElement("p", state));
  if (body) {
    card.append(createElement("p", `up ${Math.round(body.uptimeSeconds / 60)} min`));
    card.append(createElement("p", `database ${body.database.reachable ? `${body.database.connectMs} ms` : "unreachable"}`));
  }
  return card;
}

async function refresh() {
  const [servers] = await Promise.all([Promise.all(SERVERS.map(askServer)), askLoadBalancer()]);
  document.querySelector("#servers").replaceChildren(...servers.map(showServer));
  const lines = [...answers].map(([name, count]) => createElement("li", `${name}: ${count}`));
  document.querySelector("#distribution").replaceChildren(...lines);
  document.querySelector("#refreshed").textContent = new Date().toLocaleTimeString();
}

await refresh();
setInterval(refresh, REFRESH_MS);
