// Opens a page in headless Chromium as light, dark and telephone; prints what it met as one line of JSON.
// Arguments: the page, a folder for screenshots.
const puppeteer = require("puppeteer-core");

const looks = [
  { name: "light", width: 1200, height: 1500 },
  { name: "dark", width: 1200, height: 1500 },
  { name: "phone", width: 390, height: 844, isMobile: true },
];

async function look(browser, url, { name, ...viewport }, folder) {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("pageerror", (error) => said.push(error.message));
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: name === "dark" ? "dark" : "light" },
  ]);
  await page.goto(url, { waitUntil: "load" });
  const met = await page.evaluate(() => {
    const charts = [...document.querySelectorAll("section .chart svg")];
    const isVisible = (chart) => chart.getBoundingClientRect().height > 50;
    const targets = [...document.querySelectorAll("a")].map((link) => link.getAttribute("href"));
    return {
      charts: charts.length,
      visible: charts.filter(isVisible).length,
      paper: getComputedStyle(document.body).backgroundColor,
      overflow: document.documentElement.scrollWidth - innerWidth,
      broken: targets.filter((target) => !document.getElementById(target.slice(1))).length,
      scripts: document.scripts.length,
    };
  });
  await page.screenshot({ path: `${folder}/${name}.png` });
  await page.close();
  const others = requests.filter((request) => request !== url && !request.startsWith("data:"));
  return { name, said, requests: others, ...met };
}

(async () => {
  const [page, folder] = process.argv.slice(2);
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM_BIN || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
  const met = [];
  for (const one of looks) met.push(await look(browser, `file://${page}`, one, folder));
  await browser.close();
  console.log(JSON.stringify(met));
})();
