/** Calendar of a signing service, on disk. */
export { CALENDAR_BLOCK, Calendar, type CalendarOptions } from './calendar.ts';
export { checkCalendar } from './check.ts';
export { type Disk, type Finding, machineDisk } from './disk.ts';
export type { SignedSecond } from './records.ts';
