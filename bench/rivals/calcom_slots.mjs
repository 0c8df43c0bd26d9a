// Run by node: the slot functions that @calcom/platform-libraries publishes, on the work read from stdin.
//
// argv[2] is the folder of the unpacked package, argv[3] that of dayjs. The package imports packages that are not
// published, so it cannot be loaded whole: its file of date ranges is loaded as it is, and of its file of slots the
// stretch from the first helper to getSlots, unchanged. As in its own service, each user's date ranges are built from
// working hours, busy times subtracted, all users' ranges aggregated (round robin) and slots made from them.
// Answers are printed as JSON: CPU seconds, and the starts as UTC minutes. It does not say who is free at a start.

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const names = readdirSync(join(folder, "dist")).filter((name) => name.endsWith(".js"));
const text = (name) => readFileSync(join(folder, "dist", name), "utf8");
const ranges = names.find((name) => name.startsWith("date-ranges-"));
const slots = text("slots.js");
const first = slots.indexOf("function createIntervalNodes");
const last = slots.indexOf("const getSlots$1");
if (first < 0 || last < 0 || !ranges) throw new Error("the package is laid out differently");
const index = /import "\.\/(index-[^"]+)"/.exec(text(ranges))[1];
writeFileSync(
  join(folder, "dist", "published-slots.js"),
  `import "./${index}";
import dayjs from "dayjs";
import { i as intersect } from "./${ranges}";
const SchedulingType = { ROUND_ROBIN: "ROUND_ROBIN", COLLECTIVE: "COLLECTIVE", MANAGED: "MANAGED" };
const DEFAULT_GROUP_ID = "default_group_id";
const getTimeZone = (date) => date["$x"]["$timezone"];
${slots.slice(first, last)}
export { dayjs, getAggregatedAvailability, getSlots };
`,
);
const load = (name) => import(pathToFileURL(join(folder, "dist", name)).href);
const { dayjs, getAggregatedAvailability, getSlots } = await load("published-slots.js");
const { b: buildDateRanges, s: subtract } = await load(ranges);

const task = JSON.parse(readFileSync(0, "utf8"));
const clock = (minutes) => new Date(minutes * 60_000);
const dateFrom = dayjs.utc(task.since).tz(task.zone);
const dateTo = dayjs.utc(task.until).tz(task.zone);
const busy = task.people.map((person) =>
  person.busy_minutes.map(([start, end]) => ({ start: dayjs.utc(start * 60_000), end: dayjs.utc(end * 60_000) })),
);

function free() {
  const users = task.people.map((person, number) => {
    const { oooExcludedDateRanges } = buildDateRanges({
      dateFrom,
      dateTo,
      availability: [{ days: [1, 2, 3, 4, 5], startTime: clock(person.opens), endTime: clock(task.closes) }],
      timeZone: task.zone,
      travelSchedules: [],
      outOfOffice: {},
    });
    const ranges = subtract(oooExcludedDateRanges, busy[number]);
    return { dateRanges: ranges, oooExcludedDateRanges: ranges, user: { isFixed: false } };
  });
  return getSlots({
    inviteeDate: dateFrom,
    eventLength: task.length,
    frequency: task.length,
    dateRanges: getAggregatedAvailability(users, "ROUND_ROBIN"),
    minimumBookingNotice: 0,
  });
}

if (task.people.length <= 20) free();
const before = process.cpuUsage();
const found = free();
const spent = process.cpuUsage(before);
const starts = found.map((slot) => slot.time.valueOf() / 60_000).sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ cpu_seconds: (spent.user + spent.system) / 1e6, starts }));
