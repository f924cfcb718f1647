/** Periods of law: declared as data, counted in the working days of the city's calendar. */
export { CityCalendar, calendarWrong } from './calendar.ts';
export { type ClockStanding, cityDay, type Due, dueOf, standingOf } from './clock.ts';
export { type Deadline, deadline, type Law, openLaw } from './deadlines.ts';
export {
  addWorkingMinutes,
  CityHours,
  type DueAt,
  dueAt,
  type LimitUnit,
  limitUnits,
  type OfficeHours,
  type Span,
  spanOf,
  usualHours,
  workingMinutes,
} from './hours.ts';
