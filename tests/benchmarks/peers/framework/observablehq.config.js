export default { title: "Held", root: "src", output: "dist", sidebar: false };
