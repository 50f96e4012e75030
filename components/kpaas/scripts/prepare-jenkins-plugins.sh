# Runs before Jenkins, in its own image. With PLUGIN_LIST it loads these plugins and what they need. In any case it fails
# where the plugin is missing that tells Jenkins who may log in: without it Jenkins would start, and be open to everybody.
set -eu

REFERENCE=/usr/share/jenkins/ref/plugins
HOME_PLUGINS=/var/jenkins_home/plugins

if [ -n "${PLUGIN_LIST:-}" ]; then
  # What the plugins need comes in the version that they ask for. The newest, which is the default, would be another one at
  # every start of the pod, and one day one that this Jenkins cannot load.
  jenkins-plugin-cli --plugin-file "$PLUGIN_LIST" --plugin-download-directory "$REFERENCE" --latest false
fi

for directory in "$REFERENCE" "$HOME_PLUGINS"; do
  for end in jpi hpi; do
    if [ -f "$directory/configuration-as-code.$end" ]; then
      exit 0
    fi
  done
done
echo "The plugin configuration-as-code is neither in the image nor in the home; docs/pipeline.md tells what to do." >&2
exit 1
