// Shapes of 16 by 16, drawn as lines: each type of atom, category and priority has its own, so that colour is never the only sign.

export const ICONS = {
  problem: "M8 2.2 14.6 13.6H1.4ZM8 6.5v3.2M8 11.6v.1",
  solution: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM5.2 8.2l2 2 3.7-4",
  decision: "M8 1.5 14.5 8 8 14.5 1.5 8ZM5.8 8h4.4",
  question: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM6.1 6.3a1.95 1.95 0 1 1 2.8 1.8c-.6.3-.9.7-.9 1.3M8 11.5v.1",
  insight: "M6 11.3a4.5 4.5 0 1 1 4 0v1.2H6ZM6.6 14.4h2.8",
  pattern: "M3 7.4a5 5 0 0 1 8.6-2.9L13 6M13 2.8V6H9.8M13 8.6a5 5 0 0 1-8.6 2.9L3 10M3 13.2V10h3.2",
  requirement: "M3 2.5h10v11H3ZM5.6 6h4.8M5.6 9.8h4.8",
  bug: "M5.2 6.2h5.6v4.2a2.8 2.8 0 0 1-5.6 0ZM6 6.2V5.4a2 2 0 0 1 4 0v.8M5.2 8.4H2M14 8.4h-3.2M5.4 11.4 3 13.4M10.6 11.4l2.4 2M5.4 6.4 3.2 4.4M10.6 6.4l2.2-2",
  feature: "M8 2v12M2 8h12",
  improvement: "M2.2 11.6 6.2 7.4l2.6 2.4 5-5.6M9.8 4.2h4v4",
  docs: "M3.5 1.8h6l3 3v9.4h-9ZM9.2 2v3.2h3.2M5.6 8h4.8M5.6 10.8h4.8",
  chore: "M10.4 2.2a3.6 3.6 0 0 0-3.3 5L2.4 11.9l1.7 1.7 4.7-4.7a3.6 3.6 0 0 0 4.8-4.3l-2.2 2.2-2-.4-.4-2 2.2-2.1",
  critical: "M3 8.4 8 3.6l5 4.8M3 13 8 8.2l5 4.8",
  high: "M3 10.4 8 5.6l5 4.8",
  medium: "M3 6.4h10M3 9.6h10",
  low: "M3 5.6 8 10.4l5-4.8",
  message: "M2 3h12v8H7l-3.2 2.6V11H2Z",
  settings: "M2 4.6h5M11 4.6h3M2 11.4h3M9 11.4h5M9 2.9v3.4M7 9.7v3.4",
  dot: "M8 7.9v.2",
};
