// Fetches the part that changes anew every two seconds; whatever is typed stands outside of it.
"use strict";
const live = document.getElementById("live");
const lost = document.getElementById("lost");
const EVERY = 2000;

function isInUse() {
  const selection = document.getSelection();
  const isSelected = selection && !selection.isCollapsed && live.contains(selection.anchorNode);
  return isSelected || live.contains(document.activeElement);
}

async function refresh() {
  if (!document.hidden && !isInUse()) {
    try {
      const answer = await fetch(live.dataset.address, { cache: "no-store" });
      lost.hidden = answer.ok;
      if (answer.ok) {
        const html = await answer.text();
        if (!isInUse()) live.innerHTML = html;
      }
    } catch {
      lost.hidden = false;
    }
  }
  setTimeout(refresh, EVERY);
}

setTimeout(refresh, EVERY);
