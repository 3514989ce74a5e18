// Shapes of 16 by 16, drawn as lines: each type of atom has its own, so that colour is never the only sign.

export const ICONS = {
  problem: "M8 2.2 14.6 13.6H1.4ZM8 6.5v3.2M8 11.6v.1",
  solution: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM5.2 8.2l2 2 3.7-4",
  decision: "M8 1.5 14.5 8 8 14.5 1.5 8ZM5.8 8h4.4",
  question: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM6.1 6.3a1.95 1.95 0 1 1 2.8 1.8c-.6.3-.9.7-.9 1.3M8 11.5v.1",
  insight: "M6 11.3a4.5 4.5 0 1 1 4 0v1.2H6ZM6.6 14.4h2.8",
  pattern: "M3 7.4a5 5 0 0 1 8.6-2.9L13 6M13 2.8V6H9.8M13 8.6a5 5 0 0 1-8.6 2.9L3 10M3 13.2V10h3.2",
  requirement: "M3 2.5h10v11H3ZM5.6 6h4.8M5.6 9.8h4.8",
  message: "M2 3h12v8H7l-3.2 2.6V11H2Z",
  settings: "M2 4.6h5M11 4.6h3M2 11.4h3M9 11.4h5M9 2.9v3.4M7 9.7v3.4",
  dot: "M8 7.9v.2",
};
